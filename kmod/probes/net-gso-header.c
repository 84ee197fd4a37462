// SPDX-License-Identifier: GPL-2.0
/* Segmentation has a header of its own. */
#include <net/gso.h>
