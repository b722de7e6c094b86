#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include "dns_packet.h"

size_t
dns_packet_txt(struct str message, struct str *rdata, size_t max)
{
	ns_msg msg;
	ns_rr rr;
	size_t n = 0;
	if (!message.p || message.n > NS_MAXMSG ||
		ns_initparse((const unsigned char *)message.p, (int)message.n, &msg) < 0 ||
		ns_msg_getflag(msg, ns_f_rcode) != ns_r_noerror)
		return 0;
	for (int i = 0; i < ns_msg_count(msg, ns_s_an) && n < max; i++) {
		if (ns_parserr(&msg, ns_s_an, i, &rr) < 0)
			return 0;
		if (ns_rr_type(rr) == ns_t_txt && ns_rr_rdlen(rr) > 0)
			rdata[n++] = str_n((const char *)ns_rr_rdata(rr), ns_rr_rdlen(rr));
	}
	return n;
}
