/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast the report reader goes through log that has no OOM in it, in MB/s: syslog lines of many services, JSON lines, and
 * lines full of words that look like an OOM's ("memory", "room", "zoom"). Yardstick in the same run: memchr() for newlines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/report/reader.h"

#define CHUNK (64u << 20)
#define FED   (256u << 10) /* as read() would give it */

static const char *const syslog_line[] = {
	"Mar 12 08:14:%02u web-3 nginx[2231]: 203.0.113.%u - - \"GET /static/app.%u.js HTTP/1.1\" 200 48211 \"-\" "
	"\"Mozilla/5.0\"\n",
	"Mar 12 08:14:%02u web-3 sshd[%u]: Accepted publickey for deploy from 198.51.100.7 port %u ssh2\n",
	"Mar 12 08:14:%02u web-3 kernel: [%u.%06u] usb 1-1: new high-speed USB device number 5 using xhci_hcd\n",
	"Mar 12 08:14:%02u web-3 systemd[1]: run-%u-%u.mount: Deactivated successfully.\n",
	"Mar 12 08:14:%02u db-1 postgres[%u]: [%u-1] LOG:  checkpoint complete: wrote 212 buffers (1.3%%); 0 WAL "
	"file(s) added\n",
};

static const char *const json_line[] = {
	"{\"ts\":\"2025-03-12T08:14:%02u.%03uZ\",\"level\":\"info\",\"msg\":\"request "
	"finished\",\"ms\":%u,\"path\":\"/api/v1/items\"}\n",
};

static const char *const near_line[] = {
	"Mar 12 08:14:%02u app worker[%u]: memory pool grown to %u MiB, room for more, zoom level 3\n",
	"Mar 12 08:14:%02u app worker[%u]: out of memory pool %u, booming anyway; memory: low\n",
};

static size_t fill(char *buf, const char *const *line, size_t nline)
{
	unsigned x = 12345;
	size_t at = 0;

	while (at + 256 < CHUNK) {
		x = x * 1103515245 + 12345;
		at += (size_t)snprintf(buf + at, 256, line[(x >> 16) % nline], x % 60, x >> 8 & 255, x >> 4 & 65535);
	}
	return at;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ignore(void *ctx, const struct oom_report *r)
{
	(void)r;
	++*(unsigned *)ctx;
	return 0;
}

static double reader_rate(const char *buf, size_t n, unsigned *ret_reports)
{
	struct report_reader *rr = report_reader_new(ignore, ret_reports);
	double begin = now();

	if (!rr)
		exit(1);
	for (int round = 0; round < 4; round++)
		for (size_t at = 0; at < n; at += FED)
			report_reader_feed(rr, buf + at, n - at < FED ? n - at : FED);
	report_reader_finish(rr);
	report_reader_free(rr);
	return 4 * (double)n / 1e6 / (now() - begin);
}

static double newline_rate(const char *buf, size_t n)
{
	volatile size_t lines = 0;
	double begin = now();

	for (int round = 0; round < 4; round++)
		for (const char *p = buf; (p = memchr(p, '\n', (size_t)(buf + n - p))); p++)
			lines++;
	return 4 * (double)n / 1e6 / (now() - begin);
}

int main(void)
{
	static const struct {
		const char *name;
		const char *const *line;
		size_t n;
	} kind[] = { { "syslog", syslog_line, ARRAY_LEN(syslog_line) },
		     { "json lines", json_line, ARRAY_LEN(json_line) },
		     { "near misses", near_line, ARRAY_LEN(near_line) } };
	char *buf = malloc(CHUNK);

	if (!buf)
		return 1;
	printf("%-14s %12s %12s\n", "report reader", "MB/s", "newlines MB/s");
	for (size_t i = 0; i < ARRAY_LEN(kind); i++) {
		size_t n = fill(buf, kind[i].line, kind[i].n);
		unsigned reports = 0;
		double rate = reader_rate(buf, n, &reports);

		printf("%-14s %12.0f %12.0f%s\n", kind[i].name, rate, newline_rate(buf, n),
		       reports ? "  (reports found!)" : "");
	}
	free(buf);
	return 0;
}
