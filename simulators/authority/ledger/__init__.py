"""The books: double entry, holds, and what became of them."""
