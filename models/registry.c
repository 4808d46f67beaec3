/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/registry.h"

#include <stdio.h>
#include <string.h>

#include "models/kernel/kernel.h"

/* Oldest first: a version is looked up from the end. */
const struct kernel_model *const kernel_models[] = {
	&kernel_k2_6_11, &kernel_k2_6_24, &kernel_k2_6_32, &kernel_k2_6_36, &kernel_k3_0, &kernel_k3_10, &kernel_k3_18,
	&kernel_k4_4,    &kernel_k4_9,    &kernel_k4_14,   &kernel_k4_19,   &kernel_k5_4, &kernel_k5_10, &kernel_k5_15,
	&kernel_k6_1,    &kernel_k6_6,    &kernel_k6_8,    &kernel_k6_12,   &kernel_k7_2, &kernel_k7_3,  NULL,
};

static const struct kernel_model *by_name(const char *name)
{
	for (const struct kernel_model *const *m = kernel_models; *m; m++) {
		const char *own = (*m)->info.name;

		if (strcmp(name, own) == 0 || strcmp(name, own + 1) == 0)
			return *m;
	}
	return NULL;
}

static const struct kernel_model *by_alias(const char *name)
{
	for (const struct kernel_alias *a = kernel_aliases; a->name; a++)
		if (strcmp(name, a->name) == 0)
			return by_name(a->follows);
	return NULL;
}

/* A release of two to four numbers; what follows a dash, plus or tilde is the packager's. */
#define VERSION_PARTS 4

static bool parse_version(const char *s, unsigned ret[VERSION_PARTS])
{
	int n;

	memset(ret, 0, VERSION_PARTS * sizeof(*ret));
	s += *s == 'k';
	for (n = 0; n < VERSION_PARTS; n++) {
		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++)
			ret[n] = ret[n] < 100000 ? ret[n] * 10 + (unsigned)(*s - '0') : ret[n];
		if (*s != '.' || n == VERSION_PARTS - 1)
			break;
		s++;
	}
	return n >= 1 && ret[0] && (*s == '\0' || strchr("-+~", *s));
}

static int compare_versions(const unsigned a[VERSION_PARTS], const unsigned b[VERSION_PARTS])
{
	for (int i = 0; i < VERSION_PARTS; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Red Hat's kernels keep an old number and the rules of a later one: ".el7" names the distribution. */
static const struct kernel_model *by_red_hat(const char *name)
{
	const char *el = strstr(name, ".el");
	char alias[16];
	unsigned n;

	if (!el || sscanf(el, ".el%2u", &n) != 1)
		return NULL;
	snprintf(alias, sizeof(alias), "rhel-%u", n);
	return by_alias(alias);
}

static const struct kernel_model *by_version(const char *name)
{
	unsigned want[VERSION_PARTS], since[VERSION_PARTS];
	const struct kernel_model *found = NULL;

	if (!parse_version(name, want))
		return NULL;
	for (const struct kernel_model *const *m = kernel_models; *m; m++)
		if (parse_version((*m)->since, since) && compare_versions(since, want) <= 0)
			found = *m;
	return found && want[0] <= since[0] ? found : NULL; /* of a series that nobody has seen, nothing is known */
}

const struct kernel_model *kernel_model_find(const char *name)
{
	const struct kernel_model *m = by_name(name);

	if (!m)
		m = by_alias(name);
	if (!m)
		m = by_red_hat(name);
	return m ? m : by_version(name);
}
