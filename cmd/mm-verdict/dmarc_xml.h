/* dmarc_xml.h: the XML document of an aggregate report (RFC 9990 appendix A). */
#ifndef MM_VERDICT_DMARC_XML_H
#define MM_VERDICT_DMARC_XML_H

#include "buf.h"
#include "dmarc_row.h"

struct dmarc_xml_head {
	const char *organization, *email, *id;
	int64_t begin, end;          /* seconds; both are within */
	const char *domain, *record; /* where the policy is, and its text */
	const char *method;          /* "treewalk" or "psl" */
};

void dmarc_xml_begin(struct buf *out, const struct dmarc_xml_head *head);
void dmarc_xml_row(struct buf *out, const char *const text[DMARC_COLUMNS], int64_t count);
void dmarc_xml_end(struct buf *out);

#endif
