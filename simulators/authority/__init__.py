"""The reference host: ledger, policy, PIN check and switch."""
