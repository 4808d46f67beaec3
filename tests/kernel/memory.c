/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps on regions: mmap, leak, touch, mlock, munlock, munmap, madvise (sim/proc/step_memory.c, step_touch.c). */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_REGION  320
#define FIRST_BASE  0x100000000000ul
#define BASE_STEP   (1ul << 36) /* room for a region to grow in */
#define MAP_STEP    (2 * REGION_MIB)
#define LEAK_BATCH  64
#define TOUCH_BATCH 32

struct vm_region {
	char name[NAME];
	char *base;
	uint64_t size; /* bytes; 0: free */
};

/* Shared by threads and by vfork and clone_vm children, copied by fork, as the memory is. */
struct space {
	struct vm_region region[MAX_REGION];
	int nregion; /* entries ever used */
	uint64_t leak_next, leak_end; /* of the leak under way, bytes, for all threads */
	bool leak_refused;
	int growing; /* a lock: threads leak together */
};

static struct space the_space;

struct space *space_new(void)
{
	return &the_space;
}

static struct vm_region *find(struct space *m, const char *name)
{
	for (int i = 0; i < m->nregion; i++)
		if (m->region[i].size && !strcmp(m->region[i].name, name))
			return &m->region[i];
	return NULL;
}

/* A free entry with that name; its base has room to grow. */
static struct vm_region *claim(struct space *m, const char *name)
{
	for (int i = 0; i < MAX_REGION; i++)
		if (!m->region[i].size) {
			snprintf(m->region[i].name, sizeof(m->region[i].name), "%s", name);
			if (i >= m->nregion)
				m->nregion = i + 1;
			m->region[i].base = (char *)(FIRST_BASE + (uint64_t)i * BASE_STEP);
			return &m->region[i];
		}
	return NULL;
}

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* ---- mmap ---- */

static int map_one(struct ctx *c, const struct step *s, const char *name, uint64_t bytes)
{
	int prot = PROT_READ | (s->readonly ? 0 : PROT_WRITE) | (s->exec ? PROT_EXEC : 0);
	int flags = (s->kind == 's' || (s->kind == 'f' && s->shared) ? MAP_SHARED : MAP_PRIVATE) |
		    (s->kind == 'f' ? 0 : MAP_ANONYMOUS) | (s->noreserve ? MAP_NORESERVE : 0);
	struct vm_region *r = claim(c->space, name);
	char *p, *at = r && bytes <= BASE_STEP ? r->base : NULL;
	int fd = -1;

	if (s->kind == 'f')
		fd = open(prog->file[s->file].path, s->shared && !s->readonly ? O_RDWR : O_RDONLY);
	p = mmap(at, bytes, prot, flags | (at ? MAP_FIXED_NOREPLACE : 0), fd, (off_t)s->offset);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return errno;
	if (r) {
		r->base = p;
		r->size = bytes;
	}
	return 0;
}

void step_mmap(struct ctx *c, const struct step *s)
{
	uint64_t count = s->count ? s->count : 1, bytes = round_up(s->size), n;
	char name[NAME];
	int err = 0;

	if (s->kind == 'f' && !bytes)
		bytes = round_up(prog->file[s->file].size) - s->offset;
	for (n = 0; n < count && !err; n++) {
		snprintf(name, sizeof(name), n ? "%.40s.%llu" : "%s", s->region, (unsigned long long)n);
		err = map_one(c, s, name, bytes);
	}
	report(c, NULL, "mmap", (n - (err != 0)) * (bytes / PAGE), err);
}

/* ---- leak ---- */

void step_leak_prepare(struct ctx *c, const struct step *s)
{
	struct vm_region *r = find(c->space, s->region);

	c->space->leak_next = r ? r->size : 0;
	c->space->leak_end = s->size ? c->space->leak_next + round_up(s->size) : UINT64_MAX;
	c->space->leak_refused = false;
}

/* Map as an allocator would, map_step at a time, until the region holds `end` bytes. */
static struct vm_region *grow_locked(struct ctx *c, const struct step *s, uint64_t end)
{
	struct vm_region *r = find(c->space, s->region);
	uint64_t step = s->map_step ? round_up(s->map_step) : MAP_STEP, n;

	if (!r)
		r = claim(c->space, s->region);
	while (r && r->size < end) {
		n = c->space->leak_end > end ? c->space->leak_end - r->size : end - r->size;
		n = n < step ? n : step;
		if (mmap(r->base + r->size, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
		    MAP_FAILED)
			return NULL;
		r->size += n;
	}
	return r;
}

static struct vm_region *grow(struct ctx *c, const struct step *s, uint64_t end)
{
	struct vm_region *r;

	while (__atomic_exchange_n(&c->space->growing, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	r = grow_locked(c, s, end);
	__atomic_store_n(&c->space->growing, 0, __ATOMIC_RELEASE);
	return r;
}

void step_leak(struct ctx *c, const struct step *s)
{
	uint64_t batch = (s->batch ? s->batch : default_batch(s->rate / c->nthread / PAGE, LEAK_BATCH)) * PAGE, done = 0;
	struct space *m = c->space;
	struct vm_region *r;
	struct pace p;
	int err = 0;

	pace_begin(&p, c, s);
	while (m->leak_next < m->leak_end && !m->leak_refused) {
		uint64_t left = m->leak_end - m->leak_next, n = left < batch ? left : batch;
		uint64_t from = __atomic_fetch_add(&m->leak_next, n, __ATOMIC_RELAXED);

		r = grow(c, s, from + n);
		if (!r) {
			err = errno ? errno : ENOMEM;
			m->leak_refused = true;
			break;
		}
		for (uint64_t i = from; i < from + n; i += PAGE)
			*(volatile uint64_t *)(r->base + i) = i | 1;
		done += n / PAGE;
		pace_batch(&p, c, s, n, n / PAGE);
	}
	report(c, &p, "alloc", done, err);
}

/* ---- touch ---- */

/* op: w store, u load and store (which this CPU does as two accesses), r load. */
static inline void access_page(char *page, char op)
{
	if (op == 'w')
		((volatile uint64_t *)page)[1] = 1;
	else if (op == 'u')
		((volatile uint64_t *)page)[1]++;
	else
		(void)*(volatile char *)page;
}

static void touch_some(struct ctx *c, struct draw *d, char *base, uint64_t n, char op)
{
	while (n--)
		access_page(base + draw_next(d, c) * PAGE, op);
}

void step_touch(struct ctx *c, const struct step *s)
{
	struct vm_region *r = find(c->space, s->region);
	uint64_t batch = s->batch ? s->batch : default_batch(s->rate / c->nthread, TOUCH_BATCH), n, left, done = 0, k;
	struct draw d;
	struct pace p;

	if (!r || s->offset >= r->size) {
		report(c, NULL, "touch", 0, EFAULT);
		return;
	}
	n = (r->size - s->offset) / PAGE;
	if (s->size && round_up(s->size) / PAGE < n)
		n = round_up(s->size) / PAGE;
	left = thread_share(c, s->accesses ? s->accesses : s->duration ? UINT64_MAX / 2 : n);
	draw_begin(&d, s, n, true);
	if (c->nthread > 1) { /* each thread goes round in a part of its own */
		d.from = n * c->thread / c->nthread;
		d.span = n * (c->thread + 1) / c->nthread - d.from;
		d.span = d.span ? d.span : 1;
	}
	pace_begin(&p, c, s);
	while (left && (!s->duration || p.last - p.begin < (int64_t)s->duration)) {
		k = left < batch ? left : batch;
		touch_some(c, &d, r->base + s->offset, k, s->mode);
		left -= k;
		done += k;
		pace_batch(&p, c, s, k, k);
	}
	report(c, &p, "touch", done, 0);
}

/* Unpaced uniform writes to pages that are there, in batches as step_touch makes them. */
double touch_cost(void)
{
	static char pages[8 * PAGE] __attribute__((aligned(PAGE)));
	struct slot slot = { 0 };
	struct ctx c = { .me = &slot, .rng = { 1, 2 }, .nthread = 1 };
	struct step s = { .op = OP_TOUCH, .pattern = 'u', .mode = 'w' };
	struct draw d;
	struct pace p;
	int rounds = 2000;

	draw_begin(&d, &s, 8, true);
	touch_some(&c, &d, pages, 64, 'w');
	pace_begin(&p, &c, &s);
	for (int i = 0; i < rounds; i++) {
		touch_some(&c, &d, pages, TOUCH_BATCH, 'w');
		pace_batch(&p, &c, &s, TOUCH_BATCH, TOUCH_BATCH);
	}
	return (double)(p.last - p.begin) / ((double)rounds * TOUCH_BATCH);
}

/* ---- mlock, munmap, madvise ---- */

void step_lock(struct ctx *c, const struct step *s)
{
	struct vm_region *r = find(c->space, s->region);
	bool on = s->op == OP_MLOCK;
	int err;

	if (!s->region[0])
		err = on ? mlockall(MCL_CURRENT | MCL_FUTURE) : munlockall();
	else if (!r)
		err = EFAULT;
	else
		err = on ? mlock(r->base, r->size) : munlock(r->base, r->size);
	if (err < 0)
		err = errno;
	report(c, NULL, on ? "mlock" : "munlock", r ? r->size / PAGE : 0, err);
}

/* What a step names at the end of its region; all of it without a size. */
static uint64_t tail(const struct vm_region *r, const struct step *s)
{
	uint64_t n = round_up(s->size);

	return n && n < r->size ? n : r->size;
}

void step_munmap(struct ctx *c, const struct step *s)
{
	struct vm_region *r = find(c->space, s->region);
	uint64_t n = r ? tail(r, s) : 0;

	if (r && !munmap(r->base + r->size - n, n))
		r->size -= n;
	report(c, NULL, "munmap", n / PAGE, r ? 0 : EFAULT);
}

void step_madvise(struct ctx *c, const struct step *s)
{
	struct vm_region *r = find(c->space, s->region);
	uint64_t n = r ? tail(r, s) : 0;
	int err = r ? 0 : EFAULT;

	if (r && madvise(r->base + r->size - n, n, s->madv_free ? MADV_FREE : MADV_DONTNEED))
		err = errno;
	report(c, NULL, "madvise", n / PAGE, err);
}
