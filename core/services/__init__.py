"""What staff can do, one function per act."""
