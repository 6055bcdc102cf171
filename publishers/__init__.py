"""Marts > BI files, pages, notifications. `publish` makes a build of the finished warehouse and swaps it in whole."""

from __future__ import annotations

from publishers.build import publish

__all__ = ["publish"]
