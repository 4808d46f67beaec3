/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LANGUAGE.md against the code: its example loads, and every sysctl, step, distribution and shipped default stands in it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/load.h"

static char *manual(void)
{
	FILE *f = fopen(top_path("sim/scenario/LANGUAGE.md"), "rb");
	char *text = calloc(1, 1 << 17);

	cr_assert(f && text);
	cr_assert_gt(fread(text, 1, (1 << 17) - 1, f), 0);
	fclose(f);
	return text;
}

Test(language, example_loads)
{
	char *text = manual(), *from = strstr(text, "```yaml\n"), *to;
	struct sim_config c;

	cr_assert(from);
	from += 8;
	to = strstr(from, "```");
	cr_assert(to);
	*to = 0;
	c = load_text(from, NULL);
	cr_expect_eq(c.nprocess, 2);
	sim_config_free(&c);
	free(text);
}

static const struct {
	const char *name;
	int64_t def, min;
} sysctls[] = {
#define X(name, def, min, max, unit, help) { #name, def, min },
	SYSCTL_MAP(X)
#undef X
};

Test(language, sysctls)
{
	char *text = manual(), row[128], name[64];

	for (size_t i = 0; i < ARRAY_LEN(sysctls); i++) {
		snprintf(name, sizeof(name), "%s",
			 strcmp(sysctls[i].name, "page_cluster") ? sysctls[i].name : "page-cluster");
		if (sysctls[i].def == SIM_AUTO)
			snprintf(row, sizeof(row), "| `vm.%s` | as the kernel computes | %lld..", name,
				 (long long)sysctls[i].min);
		else
			snprintf(row, sizeof(row), "| `vm.%s` | %lld | %lld..", name, (long long)sysctls[i].def,
				 (long long)sysctls[i].min);
		cr_expect(strstr(text, row), "LANGUAGE.md lacks: %s", row);
	}
	free(text);
}

Test(language, steps_and_distributions)
{
	static const char *const words[] = {
#define X(id, name, help) "`" name "`",
		STEP_MAP(X)
#undef X
#define X(id, name, a, b, c) "`" name "`",
			SIM_DIST_MAP(X)
#undef X
	};
	char *text = manual();

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		cr_expect(strstr(text, words[i]), "LANGUAGE.md lacks %s", words[i]);
	free(text);
}
