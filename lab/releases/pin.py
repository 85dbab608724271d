#!/usr/bin/env python3
"""Prints what a report of pip chose as pinned requirements: name, version and the digest of the wheel.

    pip install --dry-run --ignore-installed --only-binary :all: --report REPORT -c CONSTRAINTS keystone==VERSION 'setuptools<81'
    lab/releases/pin.py REPORT > libraries-MAJOR.txt
"""
import json
import sys

# what has no wheel and comes from Debian's packages, and Keystone itself, which is in keystones.txt
ELSEWHERE = {"keystone", "netifaces", "pyinotify"}

with open(sys.argv[1], encoding="utf-8") as file:
    chosen = json.load(file)["install"]
for each in sorted(chosen, key=lambda item: item["metadata"]["name"].lower()):
    name = each["metadata"]["name"]
    if name.lower() not in ELSEWHERE:
        print("%s==%s --hash=%s" % (name, each["metadata"]["version"], each["download_info"]["archive_info"]["hash"].replace("=", ":")))
