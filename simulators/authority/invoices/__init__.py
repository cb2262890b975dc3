"""After the payout: settlement cases, invoices, what is paid or recovered, dunning, and the credit record."""
