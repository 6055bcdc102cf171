"""The pages: one HTML file per campaign and language, and an index. They open from a file, without a network."""

from __future__ import annotations

from publishers.page.render import render_pages

__all__ = ["render_pages"]
