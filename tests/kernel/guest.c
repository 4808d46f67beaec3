/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PID 1: finds the shared region, has everything set up, starts what is to start, samples until the end. */
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_PORT 0xf4 /* isa-debug-exit */
#define NS_PER_S  1000000000LL

struct region_head *head;
struct program *prog;
struct slots *slots;

/* ---- what everybody needs ---- */

int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

void sleep_until(int64_t ns)
{
	struct timespec t = { ns / NS_PER_S, ns % NS_PER_S };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

void put(struct region_area *a, const char *text, size_t n)
{
	uint64_t at = __atomic_fetch_add(&a->len, n, __ATOMIC_RELAXED);

	if (at + n <= a->cap)
		memcpy((char *)head + a->off + at, text, n);
}

void event(const char *comm, int pid, const char *fmt, ...)
{
	int64_t us = (now() - prog->t0) / 1000;
	char line[512];
	va_list ap;
	int n = snprintf(line, sizeof(line), "%lld.%03lld\t%s\t%d\t", (long long)(us / 1000), (long long)(us % 1000), comm,
			 pid);

	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	put(&head->events, line, (size_t)n);
}

static void power_off(enum region_state state)
{
	if (head)
		head->state = state;
	if (!ioperm(EXIT_PORT, 1, 1))
		outb(0, EXIT_PORT);
	for (;;)
		pause();
}

void die(const char *what)
{
	event("init", 1, "setup failed: %s: %s", what, strerror(errno));
	power_off(REGION_FAILED);
	abort();
}

int slurp(const char *path, char *buf, int cap)
{
	int fd = open(path, O_RDONLY), n = 0;
	ssize_t r;

	buf[0] = 0;
	if (fd < 0)
		return -1;
	while (n < cap - 1 && (r = read(fd, buf + n, (size_t)(cap - 1 - n))) > 0)
		n += (int)r;
	buf[n] = 0;
	close(fd);
	return n;
}

int spit(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return r;
}

/* ---- the shared region ---- */

static bool is_region_device(const char *name)
{
	char path[300], vendor[16], device[16];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vendor", name);
	slurp(path, vendor, sizeof(vendor));
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/device", name);
	slurp(path, device, sizeof(device));
	return !strncmp(vendor, "0x1af4", 6) && !strncmp(device, "0x1110", 6);
}

/* Find the ivshmem device, enable it and open its memory BAR as REGION_FD. */
static bool open_region(void)
{
	DIR *d = opendir("/sys/bus/pci/devices");
	struct dirent *e;
	char path[300];

	while (d && (e = readdir(d))) {
		if (!is_region_device(e->d_name))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", e->d_name);
		spit(path, "1");
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2", e->d_name);
		return dup2(open(path, O_RDWR), REGION_FD) == REGION_FD;
	}
	return false;
}

static bool map_region(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, REGION_FD, 0);

	if (p == MAP_FAILED)
		return false;
	head = (struct region_head *)p;
	prog = (struct program *)(p + REGION_PROGRAM);
	slots = (struct slots *)(p + REGION_SLOTS);
	return !memcmp(head->magic, REGION_MAGIC, sizeof(head->magic)) && head->version == REGION_VERSION;
}

/* ---- the run ---- */

static bool have_children(void)
{
	siginfo_t si;

	return !waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT);
}

/* Start what is due. Returns whether something is yet to come, and when by *wake. */
static bool start_due(int64_t t, int64_t *wake)
{
	bool pending = false;

	for (uint32_t i = 0; i < prog->ninst; i++) {
		int64_t at = prog->t0 + (int64_t)prog->inst[i].at;

		if (prog->inst[i].pid)
			continue;
		if (at <= t) {
			start(i);
			continue;
		}
		pending = true;
		if (at < *wake)
			*wake = at;
	}
	return pending;
}

static int record(void) /* samples taken */
{
	int64_t next = prog->t0, t, wake;
	int samples = 0;
	sigset_t chld, usr1;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	sigemptyset(&usr1); /* for children: they may be asked to start others before they have run at all */
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	for (;;) {
		bool pending;

		t = now();
		wake = next;
		pending = start_due(t, &wake);
		if (t >= next) {
			sample_take();
			samples++;
			if ((prog->stop_when_idle && !pending && !have_children()) ||
			    t - prog->t0 >= (int64_t)prog->duration)
				return samples;
			next += (int64_t)prog->sample;
			if (next < t)
				next = t + (int64_t)prog->sample;
			continue;
		}
		if (wake > t)
			sigtimedwait(&chld, NULL,
				     &(struct timespec){ (wake - t) / NS_PER_S, (wake - t) % NS_PER_S });
		reap(0);
	}
}

static long number_in(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? atol(at + strlen(key)) : 0;
}

/* Pages on the per-CPU lists of all zones. */
static long pcp_pages(void)
{
	static char text[65536];
	long sum = 0;

	slurp("/proc/zoneinfo", text, sizeof(text));
	for (const char *at = text; (at = strstr(at, "count:")); at++)
		sum += atol(at + 6);
	return sum;
}

/* Booting leaves some hundred free pages on the per-CPU lists, and which kinds nobody says. Take the movable ones, which go first, for
 * locked memory of ours, until their list has been filled anew: what is left there is the kernel's. From 6.6 on there are thousands,
 * which would be too much to take. */
static void settle_pcp(void)
{
	enum { AT_ONCE = 16, MOST = 512 };
	long before, after = pcp_pages();

	for (int n = 0; after <= MOST && n < MOST; n += AT_ONCE) {
		before = after;
		if (mmap(NULL, AT_ONCE * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			return;
		after = pcp_pages();
		if (after > before - AT_ONCE / 2)
			return;
	}
}

static long meminfo_kB(const char *key)
{
	static char text[8192];

	slurp("/proc/meminfo", text, sizeof(text));
	return number_in(text, key);
}

/* A process that only tells how large it is before its first step. /proc/PID/status lags behind by up to 64 pages a counter, the
 * page tables do not. */
static __attribute__((noreturn)) void run_probe(long committed_kB)
{
	char rollup[4096], status[4096];
	long anon, vdso = 4;

	slurp("/proc/self/smaps_rollup", rollup, sizeof(rollup));
	slurp("/proc/self/status", status, sizeof(status));
	anon = number_in(rollup, "Anonymous:");
	event("init", 1, "probe shmem_kb=%ld anon_kb=%ld vm_kb=%ld commit_kb=%ld", number_in(rollup, "Rss:") - anon - vdso, anon,
	      number_in(status, "VmSize:"), meminfo_kB("Committed_AS:") - committed_kB);
	_exit(0);
}

static void probe(void)
{
	char number[24];
	int pid;

	snprintf(number, sizeof(number), "%ld", meminfo_kB("Committed_AS:"));
	pid = fork();
	if (!pid) {
		execl("/init", "/init", "probe", number, NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void mount_all(void)
{
	static const struct {
		const char *dir, *type;
	} at[] = { { "/proc", "proc" }, { "/sys", "sysfs" }, { "/dev", "devtmpfs" }, { "/sys/kernel/config", "configfs" } };

	for (int i = 0; i < NEL(at); i++) {
		mkdir(at[i].dir, 0755);
		mount(at[i].type, at[i].dir, at[i].type, 0, "");
	}
}

static void boot(void)
{
	mount_all();
	if (!open_region() || !map_region(REGION_DMESG + 16 * REGION_MIB)) {
		printf("guest: there is no shared region\n");
		power_off(REGION_FAILED);
	}
	madvise((char *)head + REGION_HEAD, REGION_DMESG + 16 * REGION_MIB - REGION_HEAD, MADV_DONTFORK);
	prog->t0 = now();
	head->state = REGION_RUNNING;
	probe(); /* early: the pages that it frees are in use again when the facts are taken */
	setup_modules();
	mount("configfs", "/sys/kernel/config", "configfs", 0, "");
	plan_read((const char *)head + REGION_PLAN, setup_line);
	setup_finish();
	/* everything the sampler needs is resident from here on */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sample_open();
	settle_pcp();
	sample_facts();
	spit("/proc/self/oom_score_adj", "-1000");
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 50 });
}

static long cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	long before;
	int samples;

	if (argc > 1 && getpid() != 1) {
		if (!map_region(REGION_HEAD))
			return 126;
		if (argc == 3)
			run_probe(atol(argv[2]));
		run_instance((uint32_t)atoi(argv[1]));
	}
	boot();
	prog->t0 = now();
	before = cpu_us();
	kernel_log("oomsim: t0\n");
	event("init", 1, "t0 avail_kb=%ld total_kb=%ld", meminfo_kB("MemAvailable:"), meminfo_kB("MemTotal:"));
	samples = record();
	event("init", 1, "sampler us=%ld of %d", (cpu_us() - before) / samples, samples);
	event("init", 1, "end");
	sample_dmesg();
	power_off(REGION_COMPLETE);
}
