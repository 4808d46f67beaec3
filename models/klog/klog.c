/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces that all log formats share. */
#include "models/klog/klog.h"

void klog_gfp_names(struct strbuf *out, uint32_t gfp, const struct gfp_name *names, size_t n)
{
	for (size_t i = 0; i < n && gfp; i++) {
		if ((gfp & names[i].bits) != names[i].bits)
			continue;
		gfp &= ~names[i].bits;
		strbuf_addf(out, "%s%s", names[i].name, gfp ? "|" : "");
	}
	if (gfp)
		strbuf_addf(out, "0x%x", gfp);
}

/* A name with a newline in it would forge a log line; /dev/kmsg escapes such bytes the same way. */
void klog_comm(struct strbuf *out, const char *comm)
{
	for (const unsigned char *p = (const unsigned char *)comm; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			strbuf_addf(out, "\\x%02x", *p);
		else
			strbuf_add(out, (const char *)p, 1);
	}
}
