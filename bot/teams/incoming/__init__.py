"""What Teams sends: which activities are answered, once each; what their ids and words can be; and where each came from."""
