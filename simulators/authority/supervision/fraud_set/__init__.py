"""How well the risk rules work: stories of honest people and of fraud, replayed through the real authorisation."""
