"""Commands of `medteller-sim`, one module each."""
