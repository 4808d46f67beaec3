/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quantities of the Kubernetes API, and version numbers.
 *
 * Source: apimachinery, pkg/api/resource/quantity.go (parseQuantityString, ParseQuantity) and suffix.go:
 *
 *	<quantity>  ::= <signedNumber><suffix>
 *	<number>    ::= <digits> | <digits>.<digits> | <digits>. | .<digits>
 *	<suffix>    ::= Ki | Mi | Gi | Ti | Pi | Ei | n | u | m | "" | k | M | G | T | P | E | e <signedNumber> | E <signedNumber>
 *
 * Value() and MilliValue() round up. "1E" is an exa, "1E3" a thousand. "128974848", "129e6", "129M", "123Mi" and "128974848000m"
 * are about the same.
 */
#include <stdlib.h>
#include <string.h>

#include "models/k8s/k8s.h"

#define BAD_FORMAT "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define BAD_SUFFIX "unable to parse quantity's suffix"

/* m * 2^shift * 10^exp, and a little more if `more`. */
struct number {
	uint64_t m;
	int exp;
	unsigned shift;
	bool more;
};

static const struct {
	const char *name;
	int exp;
	unsigned shift;
} suffixes[] = {
	{ "", 0, 0 },    { "n", -9, 0 },  { "u", -6, 0 },  { "m", -3, 0 },  { "k", 3, 0 },   { "M", 6, 0 },
	{ "G", 9, 0 },   { "T", 12, 0 },  { "P", 15, 0 },  { "E", 18, 0 },  { "Ki", 0, 10 }, { "Mi", 0, 20 },
	{ "Gi", 0, 30 }, { "Ti", 0, 40 }, { "Pi", 0, 50 }, { "Ei", 0, 60 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits with at most one point. Digits beyond what 64 bits hold only say that there is more. NULL: no number. */
static const char *read_number(const char *s, struct number *ret)
{
	bool point = false, any = false;

	for (; is_digit(*s) || (*s == '.' && !point); s++) {
		bool full = ret->m > (UINT64_MAX - 9) / 10;

		if (*s == '.') {
			point = true;
			continue;
		}
		any = true;
		if (!full)
			ret->m = ret->m * 10 + (unsigned)(*s - '0');
		else
			ret->more |= *s != '0';
		ret->exp += (full ? 1 : 0) - (point ? 1 : 0);
	}
	return any ? s : NULL;
}

static const char *read_suffix(const char *s, struct number *ret)
{
	char *end;
	long e;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(suffixes[i].name, s))
			continue;
		ret->exp += suffixes[i].exp;
		ret->shift = suffixes[i].shift;
		return NULL;
	}
	if (*s != 'e' && *s != 'E')
		return strspn(s, "eEinumkKMGTP+-0123456789") == strlen(s) ? BAD_SUFFIX : BAD_FORMAT;
	if (!is_digit(s[1]) && !((s[1] == '+' || s[1] == '-') && is_digit(s[2])))
		return BAD_SUFFIX;
	e = strtol(s + 1, &end, 10);
	if (*end)
		return strspn(end, "eEinumkKMGTP+-0123456789") == strlen(end) ? BAD_SUFFIX : BAD_FORMAT;
	ret->exp += e > 1000 ? 1000 : e < -1000 ? -1000 : (int)e;
	return NULL;
}

/* The number times 10^exp more, rounded up. */
static int64_t rounded_up(const struct number *n, int exp)
{
	unsigned __int128 x = (unsigned __int128)n->m << n->shift;
	bool more = n->more;

	for (exp += n->exp; exp < 0 && (x || !more); exp++) {
		if (!x)
			return 0;
		more |= x % 10 != 0;
		x /= 10;
	}
	for (; exp > 0 && x && x <= INT64_MAX; exp--)
		x *= 10;
	x += more;
	return x > INT64_MAX ? INT64_MAX : (int64_t)x;
}

const char *k8s_quantity(const char *s, struct k8s_quantity *ret)
{
	struct number n = { 0 };
	bool negative = *s == '-';
	const char *wrong;

	s = read_number(s + (*s == '-' || *s == '+'), &n);
	if (!s)
		return BAD_FORMAT;
	wrong = read_suffix(s, &n);
	if (wrong)
		return wrong;
	*ret = (struct k8s_quantity){ negative && n.m, rounded_up(&n, 0), rounded_up(&n, 3) };
	return NULL;
}

int k8s_version(const char *s)
{
	char *end;
	long minor;

	s += *s == 'v';
	if (strncmp(s, "1.", 2) || !is_digit(s[2]))
		return -1;
	minor = strtol(s + 2, &end, 10);
	if (*end == '.' && is_digit(end[1]))
		end += 1 + strspn(end + 1, "0123456789");
	return *end || minor < K8S_OLDEST || minor > K8S_NEWEST ? -1 : (int)minor;
}
