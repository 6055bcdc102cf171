"""The answers of in_uidai_2017 by plain pandas: the yardstick beside which the line is measured.

    python bench/pandas_in_uidai_2017.py FILE.csv.gz

Prints the answers as JSON. It has no register of units, no findings, no history and no page: it is the least that
anybody would have to write.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pandas as pd

INDICATORS = {
    "generated": "Aadhaar generated",
    "rejected": "Enrolment Rejected",
    "email": "Residents providing email",
    "mobile": "Residents providing mobile number",
}


def answers(file: str) -> dict[str, Any]:
    """Totals by indicator; states and districts ranked by cards generated (ties share a rank)."""
    frame = pd.read_csv(file, dtype={"Pin Code": str}, keep_default_na=False)
    frame = frame.rename(columns={heading: indicator for indicator, heading in INDICATORS.items()})
    states = frame.groupby("State")["generated"].sum().drop("Others").sort_values(ascending=False)
    districts = frame[frame["State"] != "Others"].groupby(["State", "District"])["generated"].sum().reset_index()
    top = districts.nlargest(20, "generated")
    return {
        "rows": len(frame),
        "totals": {indicator: int(frame[indicator].sum()) for indicator in INDICATORS},
        "states": [[name, int(value)] for name, value in states.items()],
        "districts": top.values.tolist(),
    }


if __name__ == "__main__":
    print(json.dumps(answers(sys.argv[1]), ensure_ascii=False))
