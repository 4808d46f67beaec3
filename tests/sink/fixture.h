/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hand-made record streams for the sinks: no engine behind them, but shaped like one's. */
#ifndef OOMSIM_TESTS_SINK_FIXTURE_H
#define OOMSIM_TESTS_SINK_FIXTURE_H

#include "sim/core/strbuf.h"
#include "sim/world/record.h"

/* Send the story of a leak: 256 MiB, 128 MiB of swap, an idle process and a leaking one, pressure from 6 s, the leak killed at
 * 14.2 s, a second kill 100 ms later, the end at 20 s. `samples` rows of timeline. Returns the first non-zero answer. */
int fixture_leak(struct recorder *rec, unsigned samples);
/* A short stream with one record of each kind and names full of traps (quotes, control characters, broken UTF-8). */
int fixture_hostile(struct recorder *rec);
/* A run in which nothing happens, and one that panics. */
int fixture_quiet(struct recorder *rec);
int fixture_panic(struct recorder *rec);
/* n kills, 10 ms apart. */
int fixture_massacre(struct recorder *rec, unsigned n);

/* A whole file, or "" with failed set. */
struct strbuf fixture_read(const char *dir, const char *name);
bool fixture_exists(const char *dir, const char *name);
/* Compare text with tests/sink/golden/NAME; with OOMSIM_GOLDEN_UPDATE set, write it there instead. */
void fixture_golden(const char *name, const char *text);
/* A fresh folder under $TMPDIR for one test; fixture_cleanup() removes it with all it holds. */
void fixture_tmpdir(char ret[200]);
void fixture_cleanup(const char *dir);
/* How many entries a folder has, "." and ".." apart; -1 if it is not there. */
int fixture_entries(const char *dir);

#endif
