"""The risk rules that every payout passes before it is decided."""
