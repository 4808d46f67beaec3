/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records, as text into the shared region: facts once ("@I PATH" and the file), then samples ("@S US", "@F PATH" with a file of
 * /proc, "@P ..." for a process, "@C CGROUP FILE" with a file of a cgroup), and the kernel's log. Files stay open, so that
 * sampling allocates as little as can be.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_MAX (256 * 1024)

static char text[SAMPLE_MAX];
static int len;

static const char *const system_file[] = { "/proc/meminfo", "/proc/vmstat", "/proc/pressure/memory", "/proc/pressure/io",
					   "/proc/pressure/cpu" };
static const char *const group_file[] = {
	"memory.current",  "memory.swap.current",   "memory.events",  "memory.events.local",
	"memory.pressure", "memory.stat",	    "memory.failcnt", "memory.usage_in_bytes",
	"memory.oom_control", "memory.memsw.usage_in_bytes",
};
static int system_fd[NEL(system_file)], group_fd[MAX_GROUP][NEL(group_file)], kmsg;

/* ---- the buffer ---- */

__attribute__((format(printf, 1, 2))) static void add(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	len += vsnprintf(text + len, (size_t)(SAMPLE_MAX - len), fmt, ap);
	va_end(ap);
	if (len > SAMPLE_MAX - 1)
		len = SAMPLE_MAX - 1;
}

static void add_file(int fd)
{
	ssize_t r;
	off_t at = 0;

	while (len < SAMPLE_MAX - 1 && (r = pread(fd, text + len, (size_t)(SAMPLE_MAX - 1 - len), at)) > 0) {
		len += (int)r;
		at += r;
	}
	text[len] = 0;
}

static void flush(void)
{
	put(&head->samples, text, (size_t)len);
	len = 0;
}

/* ---- opening ---- */

void sample_open(void)
{
	char path[300];

	for (int i = 0; i < NEL(system_file); i++)
		system_fd[i] = open(system_file[i], O_RDONLY);
	for (uint32_t g = 0; g < prog->ngroup; g++)
		for (int i = 0; i < NEL(group_file); i++) {
			snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/%s", prog->group[g], group_file[i]);
			group_fd[g][i] = open(path, O_RDONLY);
		}
	kmsg = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
}

void kernel_log(const char *line)
{
	if (write(kmsg, line, strlen(line)) < 0)
		die("/dev/kmsg");
}

static void sample_system(void)
{
	for (int i = 0; i < NEL(system_file); i++) {
		add("@F %s\n", system_file[i]);
		add_file(system_fd[i]);
	}
}

/* ---- facts ---- */

static void fact(const char *path)
{
	int fd = open(path, O_RDONLY), before;

	if (fd < 0)
		return;
	add("@I %s\n", path);
	before = len;
	add_file(fd);
	if (len > before && text[len - 1] != '\n')
		add("\n");
	close(fd);
	flush();
}

static void facts_of_folder(const char *dir)
{
	struct dirent **d;
	char path[400];
	int n = scandir(dir, &d, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, d[i]->d_name);
		if (d[i]->d_type == DT_REG && !access(path, R_OK))
			fact(path);
		free(d[i]);
	}
	if (n >= 0)
		free(d);
}

void sample_facts(void)
{
	static const char *const files[] = {
		"/proc/version", "/proc/cmdline", "/proc/meminfo", "/proc/vmstat", "/proc/swaps", "/proc/buddyinfo",
		"/sys/kernel/mm/lru_gen/enabled", "/sys/kernel/mm/lru_gen/min_ttl_ms",
		"/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/mm/swap/vma_ra_enabled",
		"/sys/block/nullb0/queue/scheduler", "/sys/block/nullb0/queue/max_sectors_kb",
		"/sys/block/nullb0/queue/nr_requests", "/sys/module/zswap/parameters/enabled",
		"/sys/devices/system/clocksource/clocksource0/current_clocksource", "/proc/sys/kernel/threads-max",
	};

	add("@I guest/touch_ns\n%.1f\n", touch_cost());
	for (int i = 0; i < NEL(files); i++)
		fact(files[i]);
	facts_of_folder("/proc/sys/vm");
	sample_system(); /* once for nothing, so that what reading allocates is allocated */
	len = 0;
	fact("/proc/zoneinfo");
}

/* ---- samples ---- */

static int open_of(int pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return open(path, O_RDONLY);
}

static long field(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at ? atol(at + strlen(key)) : 0;
}

static int read_at(int fd, char *buf, int cap)
{
	ssize_t n = pread(fd, buf, (size_t)cap - 1, 0);

	buf[n > 0 ? n : 0] = 0;
	return (int)n;
}

static void gone(struct slot *s)
{
	close(s->fd_status);
	close(s->fd_stat);
	close(s->fd_score);
	s->fd_status = -1;
}

/* NAME PID STATE PAGES RSS ANON FILE SHMEM SWAP PTE LCK MINFLT MAJFLT UTIME STIME SCORE SIZE: kB, ticks. Blanks in names become
 * '_', so that the host can split the line. */
static void sample_process(struct slot *s)
{
	unsigned long minflt = 0, majflt = 0, utime = 0, stime = 0;
	char status[4096], stat[1024], score[32], comm[COMM], *after;

	if (!s->fd_status) {
		s->fd_status = open_of(s->pid, "status");
		s->fd_stat = open_of(s->pid, "stat");
		s->fd_score = open_of(s->pid, "oom_score");
	}
	if (read_at(s->fd_status, status, sizeof(status)) <= 0) {
		gone(s);
		return;
	}
	read_at(s->fd_stat, stat, sizeof(stat));
	read_at(s->fd_score, score, sizeof(score));
	after = strrchr(stat, ')');
	if (after)
		sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %lu %*u %lu %*u %lu %lu", &minflt, &majflt, &utime, &stime);
	memcpy(comm, s->comm, sizeof(comm));
	for (char *p = comm; *p; p++)
		if (*p == ' ' || *p == '\t')
			*p = '_';
	add("@P %s %d %c %lld %ld %ld %ld %ld %ld %ld %ld %lu %lu %lu %lu %d %ld\n", comm, s->pid, after ? after[2] : '?',
	    (long long)s->pages, field(status, "VmRSS:"), field(status, "RssAnon:"), field(status, "RssFile:"),
	    field(status, "RssShmem:"), field(status, "VmSwap:"), field(status, "VmPTE:"), field(status, "VmLck:"), minflt, majflt,
	    utime, stime, atoi(score), field(status, "VmSize:"));
}

static void sample_group(uint32_t g)
{
	for (int i = 0; i < NEL(group_file); i++)
		if (group_fd[g][i] >= 0) {
			add("@C %s %s\n", prog->group[g], group_file[i]);
			add_file(group_fd[g][i]);
		}
}

void sample_take(void)
{
	int shown = 0;

	add("@S %lld\n", (long long)((now() - prog->t0) / 1000));
	sample_system();
	for (uint32_t i = 0; i < slots->n && i < MAX_SLOT && shown < SHOWN; i++)
		if (slots->slot[i].pid && slots->slot[i].fd_status >= 0) {
			sample_process(&slots->slot[i]);
			shown++;
		}
	for (uint32_t g = 0; g < prog->ngroup; g++)
		sample_group(g);
	flush();
	sample_dmesg();
}

/* One record of /dev/kmsg a read; its continuation lines are not kept. */
void sample_dmesg(void)
{
	char line[9000], *end;
	ssize_t n;

	while ((n = read(kmsg, line, sizeof(line))) > 0 || (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		end = memchr(line, '\n', (size_t)n);
		put(&head->dmesg, line, end ? (size_t)(end - line) + 1 : (size_t)n);
	}
}
