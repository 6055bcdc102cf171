"""The starter folder of `tiendo campaign new`: commented files that pass `campaign check` and run as they are."""

from __future__ import annotations

from pathlib import Path

CAMPAIGN = """\
# Chiến dịch / campaign. Every key is explained in docs/campaigns.md.
id: {id}                      # the same as the folder's name
name: {{vi: "Chiến dịch {id}", en: "Campaign {id}"}}
time_zone: Asia/Ho_Chi_Minh   # cutoffs and days are of this zone
starts_on: 2026-01-01
ends_on: 2026-03-31

levels:                       # from the top down
  - {{id: province, name: {{vi: Tỉnh, en: Province}}}}
  - {{id: commune, name: {{vi: Xã/Phường, en: Commune}}}}

units: {{file: units.csv}}      # codes are text: leading zeros count

indicators:
  - id: activated
    name: {{vi: Tài khoản đã kích hoạt, en: Accounts activated}}
    kind: cumulative          # a level that only grows; increment: adds up

slots:                        # when who owes a report
  - {{id: daily, cutoff: "17:00", days: [mon, tue, wed, thu, fri], levels: [commune]}}

sources:
  - id: communes
    path: inbox               # folder, file, glob or URL; relative to this folder
    members: "*.csv|*.xlsx"
    numbers: vi               # 1.167.685 and 38,49; en: 1,167,685 and 38.49
    dates: ["%d/%m/%Y", "%Y-%m-%d"]
    unit: {{code: Mã đơn vị}}   # heading of the unit's code; or names: {{commune: Xã}}
    as_of: Ngày
    indicators: {{activated: Đã kích hoạt}}

targets: {{file: targets.csv}}

milestones:
  - id: end
    name: {{vi: Hoàn thành chỉ tiêu, en: Target met}}
    indicator: activated
    levels: [commune, province]
    threshold_pct: 100
    due: 2026-03-31           # the whole day counts

tiers:                        # the highest min_pct that is reached gives the tier
  - {{id: complete, name: {{vi: Hoàn thành, en: Complete}}, min_pct: 100}}
  - {{id: fair, name: {{vi: Trung bình, en: Fair}}, min_pct: 40}}
  - {{id: slow, name: {{vi: Chậm, en: Slow}}, min_pct: 0}}

rules:                        # the catalogue's rules can be switched and tuned
  after_cutoff: {{severity: flag}}
"""

UNITS = """\
unit_code,unit_name,level,parent_code
01,Tỉnh Mẫu,province,
00001,Phường Một,commune,01
00002,Xã Hai,commune,01
"""

TARGETS = """\
indicator_id,unit_code,target
activated,00001,12000
activated,00002,8000
"""

FIRST_REPORT = """\
Mã đơn vị;Ngày;Đã kích hoạt
00001;02/01/2026;1.250
00002;02/01/2026;980
"""


def write_starter(folder: Path, campaign_id: str) -> None:
    """Write campaign.yml, units.csv, targets.csv and one report in inbox/."""
    (folder / "inbox").mkdir(parents=True)
    (folder / "campaign.yml").write_text(CAMPAIGN.format(id=campaign_id), encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
    (folder / "inbox" / "2026-01-02.csv").write_text(FIRST_REPORT, encoding="utf-8")
