"""What is wrong with a row beside the policy pack, the people there are, the other rows of its file and those stored."""
