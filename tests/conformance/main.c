/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conformance [ID...]: ask all cases, or those whose ids begin so. Status 0: no case failed that is not known to.
 */
#include <stdio.h>

#include "tests/conformance/conformance.h"

enum verdict { PASSED, FAILED, KNOWN, NOT_APPLICABLE, VERDICT_COUNT };
static const char *const verdict_name[] = { "passed", "FAILED", "failed, known", "not applicable" };

static const struct conf_table *const tables[] = { &conf_memcontrol, &conf_protection, &conf_ltp, &conf_ltp_v1,
						   &conf_overcommit, &conf_kdoc, &conf_kdoc_v1, &conf_formulas, &conf_kubernetes, &conf_partly };

static bool wanted(const char *id, int n, char **prefix)
{
	bool all = true;

	for (int i = 0; i < n; i++) {
		if (!strncmp(id, prefix[i], strlen(prefix[i])))
			return true;
		all = false;
	}
	return all;
}

static enum verdict ask(const struct conf_case *k)
{
	struct check c = { 0 };
	enum verdict v = NOT_APPLICABLE;

	if (k->ask) {
		k->ask(&c);
		v = c.failed ? k->why ? KNOWN : FAILED : PASSED;
	}
	printf("  %-14s  %-15s %s\n", verdict_name[v], k->id, k->about);
	if (v == NOT_APPLICABLE || v == KNOWN)
		printf("  %-14s  %-15s %s\n", "", "", k->why);
	if (v == FAILED || v == KNOWN)
		printf("  %-14s  %-15s %s\n", "", "", c.why);
	if (v == PASSED && k->why)
		printf("  %-14s  %-15s passes although known to fail: take its mark away\n", "", "");
	check_free_runs(&c);
	fflush(stdout);
	return v;
}

int main(int argc, char **argv)
{
	unsigned n[VERDICT_COUNT] = { 0 };

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		printf("%s\n", tables[t]->area);
		for (size_t i = 0; i < tables[t]->n; i++)
			if (wanted(tables[t]->v[i].id, argc - 1, argv + 1))
				n[ask(&tables[t]->v[i])]++;
	}
	printf("%u of these failures known, %u not applicable\n", n[KNOWN], n[NOT_APPLICABLE]);
	printf("%u passed, %u failed\n", n[PASSED], n[FAILED] + n[KNOWN]);
	return n[FAILED] > 0;
}
