/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/diag.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/alloc.h"

const char *sim_strerror(int code)
{
	switch (code) {
	case SIM_OK:
		return "success";
#define X(name, code, text)                                                                                            \
	case SIM_E##name:                                                                                              \
		return text;
		SIM_ERR_MAP(X)
#undef X
	default:
		return "unknown error";
	}
}

static char *copy_string(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = sim_malloc(&sim_alloc_libc, n);

	return p ? memcpy(p, s, n) : NULL;
}

static char *format(const char *fmt, va_list ap)
{
	va_list again;
	char *p = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n >= 0)
		p = sim_malloc(&sim_alloc_libc, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

static bool grow(struct diag_list *dl)
{
	size_t cap = dl->cap ? 2 * dl->cap : 8;
	struct diag *v;

	if (dl->n < dl->cap)
		return true;
	v = sim_realloc(&sim_alloc_libc, dl->v, cap * sizeof(*v));
	if (!v)
		return false;
	dl->v = v;
	dl->cap = cap;
	return true;
}

static void diag_drop(struct diag *d)
{
	sim_free(&sim_alloc_libc, d->file);
	sim_free(&sim_alloc_libc, d->text);
	sim_free(&sim_alloc_libc, d->hint);
}

void diag_add(struct diag_list *dl, enum diag_level level, const char *file, unsigned line, unsigned column,
	      const char *hint, const char *fmt, ...)
{
	struct diag d = { .level = level, .line = line, .column = column };
	va_list ap;

	if (level == DIAG_ERROR)
		dl->errors++;
	va_start(ap, fmt);
	d.text = format(fmt, ap);
	va_end(ap);
	d.file = file ? copy_string(file) : NULL;
	d.hint = hint ? copy_string(hint) : NULL;
	if (d.text && (d.file || !file) && (d.hint || !hint) && grow(dl))
		dl->v[dl->n++] = d;
	else
		diag_drop(&d);
}

/* A diagnostic with the place it sorts by; `at` makes the order total, hence stable. */
struct placed {
	const struct diag *d;
	size_t file, at;
};

static bool same_file(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Files keep the order in which they first appear. Neighbours mostly share one, so look back from the end. */
static size_t file_rank(const struct placed *done, size_t n, const char *file)
{
	size_t last = 0;

	for (size_t i = n; i-- > 0;) {
		if (same_file(done[i].d->file, file))
			return done[i].file;
		if (done[i].file > last)
			last = done[i].file;
	}
	return n ? last + 1 : 0;
}

#define ORDER(x, y) (((x) > (y)) - ((x) < (y)))

static int by_place(const void *pa, const void *pb)
{
	const struct placed *a = pa, *b = pb;
	int r = ORDER(a->file, b->file);

	r = r ? r : ORDER(a->d->line, b->d->line);
	r = r ? r : ORDER(a->d->column, b->d->column);
	return r ? r : ORDER(a->at, b->at);
}

static void print_one(const struct diag *d, FILE *f)
{
	static const char *const level[] = { "error", "warning", "note" };

	if (d->file)
		fprintf(f, "%s:", d->file);
	if (d->file && d->line)
		fprintf(f, "%u:", d->line);
	if (d->file && d->line && d->column)
		fprintf(f, "%u:", d->column);
	fprintf(f, "%s%s: %s", d->file ? " " : "", level[d->level], d->text);
	if (d->hint)
		fprintf(f, " (%s)", d->hint);
	fputc('\n', f);
}

void diag_print(const struct diag_list *dl, FILE *f)
{
	struct placed *p = sim_malloc(&sim_alloc_libc, dl->n * sizeof(*p));

	/* Without memory to sort in, the order found is better than silence. */
	if (!p) {
		for (size_t i = 0; i < dl->n; i++)
			print_one(&dl->v[i], f);
		return;
	}
	for (size_t i = 0; i < dl->n; i++)
		p[i] = (struct placed){ &dl->v[i], file_rank(p, i, dl->v[i].file), i };
	if (dl->n)
		qsort(p, dl->n, sizeof(*p), by_place);
	for (size_t i = 0; i < dl->n; i++)
		print_one(p[i].d, f);
	sim_free(&sim_alloc_libc, p);
}

void diag_list_free(struct diag_list *dl)
{
	for (size_t i = 0; i < dl->n; i++)
		diag_drop(&dl->v[i]);
	sim_free(&sim_alloc_libc, dl->v);
	*dl = (struct diag_list){ 0 };
}
