"""Marts > BI files, pages, notifications."""
