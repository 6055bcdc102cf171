"""Answers to senders: what became of each file they sent, as JSON, as text that pastes into a chat, and in their own workbook."""
