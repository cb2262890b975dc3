"""Applications from the form to the decision, and what follows until the money is drawn."""
