/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/boot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- bzImage ---- */

#define SECTOR       512
#define SETUP_SECTS  0x1f1
#define HEADER_MAGIC 0x202 /* "HdrS" */
#define VERSION      0x20e /* offset of the version text, less 0x200 */
#define PAYLOAD      0x248 /* offset and length, from the end of the set-up sectors */
#define HEADER_END   0x250

static uint64_t little(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

static const char *unpacker_of(const unsigned char *p)
{
	static const struct {
		unsigned char magic[3];
		const char *tool;
	} known[] = {
		{ { 0xfd, '7', 'z' }, "xz" }, { { 0x28, 0xb5, 0x2f }, "zstd" }, { { 0x02, 0x21, 0x4c }, "lz4" }, { { 0x1f, 0x8b, 0x08 }, "gzip" },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!memcmp(p, known[i].magic, sizeof(known[i].magic)))
			return known[i].tool;
	return NULL;
}

bool kernel_image_read(const void *data, size_t n, struct kernel_image *ret, char why[BOOT_WHY])
{
	const unsigned char *p = data;
	uint64_t text;

	*ret = (struct kernel_image){ .unpacker = NULL };
	if (n < HEADER_END || memcmp(p + HEADER_MAGIC, "HdrS", 4)) {
		snprintf(why, BOOT_WHY, "not a Linux kernel image for x86 (bzImage, called vmlinuz-VERSION)");
		return false;
	}
	text = little(p + VERSION, 2) + 0x200;
	if (text >= n) {
		snprintf(why, BOOT_WHY, "the kernel image does not tell its version");
		return false;
	}
	snprintf(ret->release, sizeof(ret->release), "%.*s", (int)strcspn((const char *)p + text, " \n"), (const char *)p + text);
	ret->payload = (p[SETUP_SECTS] ? p[SETUP_SECTS] + 1u : 5u) * SECTOR + little(p + PAYLOAD, 4);
	ret->payload_len = little(p + PAYLOAD + 4, 4);
	if (ret->payload_len >= 4 && ret->payload < n && ret->payload_len <= n - ret->payload)
		ret->unpacker = unpacker_of(p + ret->payload);
	return true;
}

/* ---- cpio: usr/gen_init_cpio.c and Documentation/driver-api/early-userspace/buffer-format.rst ---- */

static void pad(struct strbuf *b)
{
	while (b->len % 4 && !b->failed)
		strbuf_add(b, "\0", 1);
}

static void entry(struct initramfs *a, const char *name, unsigned mode, const void *data, size_t n, unsigned major, unsigned minor)
{
	const unsigned field[] = { 0, mode, 0, 0, 1, 0, (unsigned)n, 0, 0, major, minor, (unsigned)strlen(name) + 1, 0 };

	strbuf_puts(&a->cpio, "070701");
	for (size_t i = 0; i < ARRAY_LEN(field); i++)
		strbuf_addf(&a->cpio, "%08X", field[i]);
	strbuf_add(&a->cpio, name, strlen(name) + 1);
	pad(&a->cpio);
	strbuf_add(&a->cpio, data, n);
	pad(&a->cpio);
}

void initramfs_folder(struct initramfs *a, const char *name)
{
	entry(a, name, 0040755, "", 0, 0, 0);
}

void initramfs_file(struct initramfs *a, const char *name, unsigned mode, const void *data, size_t n)
{
	entry(a, name, 0100000 | mode, data, n, 0, 0);
}

void initramfs_device(struct initramfs *a, const char *name, unsigned major, unsigned minor)
{
	entry(a, name, 0020600, "", 0, major, minor);
}

void initramfs_end(struct initramfs *a)
{
	entry(a, "TRAILER!!!", 0, "", 0, 0, 0);
}
