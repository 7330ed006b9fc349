"""The words: plain values and the error tree. Standard library only, no behaviour beyond their own validity."""
