/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The usual ways from user space into the OOM killer, by the functions' names of each era. */
#include "models/klog/lines.h"

/* Oops frames: "? " marks are left out, addresses are zeros. */
#define FRAME_2_6  " [<0000000000000000>] {function}+0x0/0x0\n"
#define FRAME_4_10 " {function}+0x0/0x0\n"

static const char *const kill_2_6[] = { "dump_header", "oom_kill_process", "out_of_memory", NULL };
static const char *const none_2_6[] = { "dump_header", "out_of_memory", NULL };
static const char *const panic_2_6[] = { "panic", "out_of_memory", NULL };
static const char *const alloc_2_6[] = { "__alloc_pages_nodemask", NULL };
static const char *const anon_2_6[] = { "alloc_pages_vma", "handle_mm_fault", "__do_page_fault",
					"do_page_fault",   "page_fault",      NULL };
static const char *const file_2_6[] = { "alloc_pages_current", "__page_cache_alloc", "filemap_fault",
					"__do_fault",          "handle_mm_fault",    "__do_page_fault",
					"do_page_fault",       "page_fault",         NULL };
static const char *const write_2_6[] = {
	"alloc_pages_current", "__page_cache_alloc", "grab_cache_page_write_begin", "generic_perform_write",
	"vfs_write",           "sys_write",          "system_call_fastpath",        NULL
};
static const char *const kernel_2_6[] = { "__get_free_pages", "system_call_fastpath", NULL };

static const char *const kill_4_14[] = { "dump_stack", "dump_header", "oom_kill_process", "out_of_memory", NULL };
static const char *const none_4_14[] = { "dump_stack", "dump_header", "out_of_memory", NULL };
static const char *const panic_4_14[] = { "dump_stack", "panic", "out_of_memory", NULL };
static const char *const alloc_4_14[] = { "__alloc_pages_slowpath", "__alloc_pages_nodemask", NULL };
static const char *const anon_4_14[] = { "alloc_pages_vma", "__handle_mm_fault", "handle_mm_fault",
					 "__do_page_fault", "page_fault",        NULL };
static const char *const file_4_14[] = {
	"filemap_fault", "__do_fault", "__handle_mm_fault", "handle_mm_fault", "__do_page_fault", "page_fault", NULL
};
static const char *const write_4_14[] = { "pagecache_get_page",
					  "grab_cache_page_write_begin",
					  "generic_perform_write",
					  "vfs_write",
					  "ksys_write",
					  "do_syscall_64",
					  "entry_SYSCALL_64_after_hwframe",
					  NULL };
static const char *const kernel_4_14[] = { "__get_free_pages", "do_syscall_64", "entry_SYSCALL_64_after_hwframe",
					   NULL };

static const char *const kill_5_10[] = { "dump_stack", "dump_header", "oom_kill_process.cold", "out_of_memory", NULL };
static const char *const none_5_10[] = { "dump_stack", "dump_header", "out_of_memory.cold", NULL };
static const char *const panic_5_10[] = { "dump_stack", "panic", "out_of_memory.cold", NULL };
static const char *const alloc_5_10[] = { "__alloc_pages_slowpath.constprop.0", "__alloc_pages_nodemask", NULL };
static const char *const anon_5_10[] = { "alloc_pages_vma", "handle_mm_fault",    "do_user_addr_fault",
					 "exc_page_fault",  "asm_exc_page_fault", NULL };
static const char *const file_5_10[] = { "pagecache_get_page", "filemap_fault",
					 "__do_fault",         "handle_mm_fault",
					 "do_user_addr_fault", "exc_page_fault",
					 "asm_exc_page_fault", NULL };

static const char *const kill_6_1[] = { "dump_stack_lvl", "dump_header", "oom_kill_process.cold", "out_of_memory",
					NULL };
static const char *const none_6_1[] = { "dump_stack_lvl", "dump_header", "out_of_memory.cold", NULL };
static const char *const panic_6_1[] = { "dump_stack_lvl", "panic", "out_of_memory.cold", NULL };
static const char *const alloc_6_1[] = { "__alloc_pages_slowpath.constprop.0", "__alloc_pages", NULL };
static const char *const anon_6_1[] = { "__folio_alloc",      "vma_alloc_folio",
					"__handle_mm_fault",  "handle_mm_fault",
					"do_user_addr_fault", "exc_page_fault",
					"asm_exc_page_fault", NULL };
static const char *const file_6_1[] = { "folio_alloc",
					"__filemap_get_folio",
					"filemap_fault",
					"__do_fault",
					"do_fault",
					"__handle_mm_fault",
					"handle_mm_fault",
					"do_user_addr_fault",
					"exc_page_fault",
					"asm_exc_page_fault",
					NULL };
static const char *const write_6_1[] = {
	"folio_alloc", "__filemap_get_folio", "pagecache_get_page", "generic_perform_write",
	"vfs_write",   "ksys_write",          "do_syscall_64",      "entry_SYSCALL_64_after_hwframe",
	NULL
};

static const char *const alloc_6_12[] = { "__alloc_pages_slowpath.constprop.0", "__alloc_pages_noprof", NULL };
static const char *const anon_6_12[] = { "alloc_pages_mpol_noprof", "folio_alloc_mpol_noprof",
					 "vma_alloc_folio_noprof",  "do_anonymous_page",
					 "__handle_mm_fault",       "handle_mm_fault",
					 "do_user_addr_fault",      "exc_page_fault",
					 "asm_exc_page_fault",      NULL };
static const char *const file_6_12[] = { "alloc_pages_mpol_noprof", "folio_alloc_noprof", "__filemap_get_folio",
					 "filemap_fault",           "__do_fault",         "do_fault",
					 "__handle_mm_fault",       "handle_mm_fault",    "do_user_addr_fault",
					 "exc_page_fault",          "asm_exc_page_fault", NULL };
static const char *const write_6_12[] = { "alloc_pages_mpol_noprof",
					  "folio_alloc_noprof",
					  "__filemap_get_folio",
					  "generic_perform_write",
					  "vfs_write",
					  "ksys_write",
					  "do_syscall_64",
					  "entry_SYSCALL_64_after_hwframe",
					  NULL };
static const char *const kernel_6_12[] = { "get_free_pages_noprof", "do_syscall_64", "entry_SYSCALL_64_after_hwframe",
					   NULL };

/* A charge that met a limit, in a fault. */
static const char *const memcg_2_6[] = { "mem_cgroup_oom_synchronize", "pagefault_out_of_memory", "__do_page_fault",
					 "do_page_fault", "page_fault", NULL };
static const char *const memcg_4_14[] = { "mem_cgroup_out_of_memory", "try_charge", "mem_cgroup_try_charge",
					  "mem_cgroup_try_charge_delay", "__handle_mm_fault", "handle_mm_fault",
					  "__do_page_fault", "page_fault", NULL };
static const char *const memcg_5_10[] = { "mem_cgroup_out_of_memory", "try_charge", "mem_cgroup_charge", "handle_mm_fault",
					  "do_user_addr_fault", "exc_page_fault", "asm_exc_page_fault", NULL };
static const char *const memcg_6_1[] = { "mem_cgroup_out_of_memory", "try_charge_memcg", "charge_memcg", "__mem_cgroup_charge",
					 "__handle_mm_fault", "handle_mm_fault", "do_user_addr_fault", "exc_page_fault",
					 "asm_exc_page_fault", NULL };

const struct klog_trace klog_trace_2_6 = {
	.begin = "Call Trace:\n",
	.frame = FRAME_2_6,
	.end = "",
	.kill = kill_2_6,
	.none = none_2_6,
	.panic = panic_2_6,
	.alloc = alloc_2_6,
	.anon = anon_2_6,
	.file = file_2_6,
	.write = write_2_6,
	.kernel = kernel_2_6,
	.memcg = memcg_2_6,
};

const struct klog_trace klog_trace_4_14 = {
	.begin = "Call Trace:\n",
	.frame = FRAME_4_10,
	.end = "",
	.kill = kill_4_14,
	.none = none_4_14,
	.panic = panic_4_14,
	.alloc = alloc_4_14,
	.anon = anon_4_14,
	.file = file_4_14,
	.write = write_4_14,
	.kernel = kernel_4_14,
	.memcg = memcg_4_14,
};

const struct klog_trace klog_trace_5_10 = {
	.begin = "Call Trace:\n",
	.frame = FRAME_4_10,
	.end = "",
	.kill = kill_5_10,
	.none = none_5_10,
	.panic = panic_5_10,
	.alloc = alloc_5_10,
	.anon = anon_5_10,
	.file = file_5_10,
	.write = write_4_14,
	.kernel = kernel_4_14,
	.memcg = memcg_5_10,
};

const struct klog_trace klog_trace_6_1 = {
	.begin = "Call Trace:\n <TASK>\n",
	.frame = FRAME_4_10,
	.end = " </TASK>\n",
	.kill = kill_6_1,
	.none = none_6_1,
	.panic = panic_6_1,
	.alloc = alloc_6_1,
	.anon = anon_6_1,
	.file = file_6_1,
	.write = write_6_1,
	.kernel = kernel_4_14,
	.memcg = memcg_6_1,
};

const struct klog_trace klog_trace_6_12 = {
	.begin = "Call Trace:\n <TASK>\n",
	.frame = FRAME_4_10,
	.end = " </TASK>\n",
	.kill = kill_6_1,
	.none = none_6_1,
	.panic = panic_6_1,
	.alloc = alloc_6_12,
	.anon = anon_6_12,
	.file = file_6_12,
	.write = write_6_12,
	.kernel = kernel_6_12,
	.memcg = memcg_6_1,
};
