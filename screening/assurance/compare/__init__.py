"""What a revision of the rules changes: in words, and proved for all cases there could ever be."""
