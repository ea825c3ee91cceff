"""Why: wording, proofs, and the screening record that every report is written from."""
