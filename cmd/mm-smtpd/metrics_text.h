/* metrics_text.h: the counters in Prometheus' text exposition format, version 0.0.4. */
#ifndef SMTPD_METRICS_TEXT_H
#define SMTPD_METRICS_TEXT_H

#include "buf.h"

/* Appends all of them.  ingress: a label on each, or NULL. */
void metrics_text(struct buf *out, const char *ingress);

#endif
