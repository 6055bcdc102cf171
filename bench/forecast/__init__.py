"""Backtest of the warehouse's forecasts (docs/forecast.md)."""
