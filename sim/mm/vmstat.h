/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counters of /proc/vmstat that the machine keeps, under the kernel's own names (mm/vmstat.c:vmstat_text, 6.1). */
#ifndef OOMSIM_MM_VMSTAT_H
#define OOMSIM_MM_VMSTAT_H

#define VMSTAT_MAP(X)                                                                                                  \
	/* gauges */                                                                                                   \
	X(nr_free_pages) X(nr_inactive_anon) X(nr_active_anon) X(nr_inactive_file) X(nr_active_file) X(nr_unevictable)  \
	X(nr_mlock) X(nr_isolated_anon) X(nr_isolated_file) X(nr_anon_pages) X(nr_mapped) X(nr_file_pages) X(nr_dirty)  \
	X(nr_writeback) X(nr_shmem) X(nr_slab_reclaimable) X(nr_slab_unreclaimable) X(nr_kernel_stack)                  \
	X(nr_page_table_pages) X(nr_swapcached) X(nr_dirty_threshold) X(nr_dirty_background_threshold)                  \
	/* counters */                                                                                                 \
	X(nr_dirtied) X(nr_written) X(nr_vmscan_write) X(nr_vmscan_immediate_reclaim) X(workingset_refault_anon)        \
	X(workingset_refault_file) X(workingset_activate_anon) X(workingset_activate_file) X(workingset_restore_anon)   \
	X(workingset_restore_file) X(workingset_nodereclaim) X(pgpgin) X(pgpgout) X(pswpin) X(pswpout)                  \
	X(pgalloc_dma) X(pgalloc_dma32) X(pgalloc_normal) X(pgalloc_movable) X(allocstall_dma) X(allocstall_dma32)      \
	X(allocstall_normal) X(allocstall_movable) X(pgskip_dma) X(pgskip_dma32) X(pgskip_normal) X(pgfree)             \
	X(pgactivate) X(pgdeactivate) X(pglazyfree) X(pglazyfreed) X(pgfault) X(pgmajfault) X(pgrefill) X(pgreuse)      \
	X(pgsteal_kswapd) X(pgsteal_direct) X(pgscan_kswapd) X(pgscan_direct) X(pgscan_direct_throttle) X(pgscan_anon)  \
	X(pgscan_file) X(pgsteal_anon) X(pgsteal_file) X(slabs_scanned) X(kswapd_low_wmark_hit_quickly)                 \
	X(kswapd_high_wmark_hit_quickly) X(pageoutrun) X(pgrotated) X(oom_kill) X(compact_stall) X(compact_fail)        \
	X(compact_success) X(unevictable_pgs_culled) X(unevictable_pgs_scanned) X(unevictable_pgs_rescued)              \
	X(unevictable_pgs_mlocked) X(unevictable_pgs_munlocked) X(unevictable_pgs_cleared) X(swap_ra) X(swap_ra_hit)

enum vmstat_item {
#define X(name) VMSTAT_##name,
	VMSTAT_MAP(X)
#undef X
	VMSTAT_COUNT
};

extern const char *const vmstat_name[VMSTAT_COUNT]; /* vmstat.c */

#endif
