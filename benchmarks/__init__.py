"""Measurements, each beside what it is compared with, in one run."""

import os

GUIDANCE = "edt-v18"  # whose caseloads are made up
os.environ["NPQ_PACK"] = GUIDANCE  # for every process that a measurement starts
