package stripesim

import "net/http"

// endpoints are all that this stand-in has of the API.
var endpoints = map[string]endpoint{
	"GET /v1/account":                   take(getOwnAccount),
	"GET /v1/accounts":                  take(listAccounts),
	"POST /v1/accounts":                 take(createAccount),
	"GET /v1/accounts/{id}":             take(getAccount),
	"POST /v1/accounts/{id}":            take(updateAccount),
	"DELETE /v1/accounts/{id}":          take(deleteAccount),
	"POST /v1/account_links":            take(createAccountLink),
	"GET /v1/balance_transactions":      take(listBalanceTransactions),
	"GET /v1/balance_transactions/{id}": take(getBalanceTransaction),
	"POST /v1/billing_portal/sessions":  take(createPortalSession),

	"GET /v1/charges":       take(listCharges),
	"GET /v1/charges/{id}":  take(getCharge),
	"POST /v1/charges/{id}": take(updateCharge),

	"GET /v1/checkout/sessions":                 take(listCheckoutSessions),
	"POST /v1/checkout/sessions":                take(createCheckoutSession),
	"GET /v1/checkout/sessions/{id}":            take(getCheckoutSession),
	"POST /v1/checkout/sessions/{id}/expire":    take(expireCheckoutSession),
	"GET /v1/checkout/sessions/{id}/line_items": take(listCheckoutLines),

	"GET /v1/coupons":               take(listCoupons),
	"POST /v1/coupons":              take(createCoupon),
	"GET /v1/coupons/{id}":          take(getCoupon),
	"POST /v1/coupons/{id}":         take(updateCoupon),
	"DELETE /v1/coupons/{id}":       take(deleteCoupon),
	"GET /v1/promotion_codes":       take(listPromotionCodes),
	"POST /v1/promotion_codes":      take(createPromotionCode),
	"GET /v1/promotion_codes/{id}":  take(getPromotionCode),
	"POST /v1/promotion_codes/{id}": take(updatePromotionCode),

	"GET /v1/customers":                      take(listCustomers),
	"POST /v1/customers":                     take(createCustomer),
	"GET /v1/customers/{id}":                 take(getCustomer),
	"POST /v1/customers/{id}":                take(updateCustomer),
	"DELETE /v1/customers/{id}":              take(deleteCustomer),
	"GET /v1/customers/{id}/payment_methods": take(listPaymentMethods),

	"GET /v1/disputes":             take(listDisputes),
	"GET /v1/disputes/{id}":        take(getDispute),
	"POST /v1/disputes/{id}":       take(updateDispute),
	"POST /v1/disputes/{id}/close": take(closeDispute),

	"GET /v1/events":      take(listEvents),
	"GET /v1/events/{id}": take(getEvent),

	"GET /v1/invoiceitems":         take(listInvoiceItems),
	"POST /v1/invoiceitems":        take(createInvoiceItem),
	"GET /v1/invoiceitems/{id}":    take(getInvoiceItem),
	"POST /v1/invoiceitems/{id}":   take(updateInvoiceItem),
	"DELETE /v1/invoiceitems/{id}": take(deleteInvoiceItem),

	"GET /v1/invoices":                          take(listInvoices),
	"POST /v1/invoices":                         take(createInvoice),
	"GET /v1/invoices/upcoming":                 take(upcomingInvoice),
	"GET /v1/invoices/{id}":                     take(getInvoice),
	"POST /v1/invoices/{id}":                    take(updateInvoice),
	"DELETE /v1/invoices/{id}":                  take(deleteInvoice),
	"POST /v1/invoices/{id}/finalize":           take(finalizeInvoice),
	"GET /v1/invoices/{id}/lines":               take(listInvoiceLines),
	"POST /v1/invoices/{id}/mark_uncollectible": take(markUncollectible),
	"POST /v1/invoices/{id}/pay":                take(payInvoice),
	"POST /v1/invoices/{id}/send":               take(sendInvoiceOut),
	"POST /v1/invoices/{id}/void":               take(voidInvoice),

	"GET /v1/payment_intents":               take(listPaymentIntents),
	"POST /v1/payment_intents":              take(createPaymentIntent),
	"GET /v1/payment_intents/{id}":          take(getPaymentIntent),
	"POST /v1/payment_intents/{id}":         take(updatePaymentIntent),
	"POST /v1/payment_intents/{id}/cancel":  take(cancelPaymentIntent),
	"POST /v1/payment_intents/{id}/capture": take(capturePaymentIntent),
	"POST /v1/payment_intents/{id}/confirm": take(confirmPaymentIntent),

	"GET /v1/payment_methods":              take(listPaymentMethods),
	"POST /v1/payment_methods":             take(createPaymentMethod),
	"GET /v1/payment_methods/{id}":         take(getPaymentMethod),
	"POST /v1/payment_methods/{id}":        take(updatePaymentMethod),
	"POST /v1/payment_methods/{id}/attach": take(attachPaymentMethod),
	"POST /v1/payment_methods/{id}/detach": take(detachPaymentMethod),

	"GET /v1/prices":           take(listPrices),
	"POST /v1/prices":          take(createPrice),
	"GET /v1/prices/{id}":      take(getPrice),
	"POST /v1/prices/{id}":     take(updatePrice),
	"GET /v1/products":         take(listProducts),
	"POST /v1/products":        take(createProduct),
	"GET /v1/products/{id}":    take(getProduct),
	"POST /v1/products/{id}":   take(updateProduct),
	"DELETE /v1/products/{id}": take(deleteProduct),
	"GET /v1/tax_rates":        take(listTaxRates),
	"POST /v1/tax_rates":       take(createTaxRate),
	"GET /v1/tax_rates/{id}":   take(getTaxRate),
	"POST /v1/tax_rates/{id}":  take(updateTaxRate),

	"GET /v1/refunds":       take(listRefunds),
	"POST /v1/refunds":      take(createRefund),
	"GET /v1/refunds/{id}":  take(getRefund),
	"POST /v1/refunds/{id}": take(updateRefund),

	"GET /v1/subscription_items":         take(listSubscriptionItems),
	"GET /v1/subscriptions":              take(listSubscriptions),
	"POST /v1/subscriptions":             take(createSubscription),
	"GET /v1/subscriptions/{id}":         take(getSubscription),
	"POST /v1/subscriptions/{id}":        take(updateSubscription),
	"DELETE /v1/subscriptions/{id}":      take(cancelSubscription),
	"POST /v1/subscriptions/{id}/resume": take(resumeSubscription),

	"GET /v1/webhook_endpoints":         take(listWebhookEndpoints),
	"POST /v1/webhook_endpoints":        take(createWebhookEndpoint),
	"GET /v1/webhook_endpoints/{id}":    take(getWebhookEndpoint),
	"POST /v1/webhook_endpoints/{id}":   take(updateWebhookEndpoint),
	"DELETE /v1/webhook_endpoints/{id}": take(deleteWebhookEndpoint),
}

// Endpoints are the patterns of all endpoints: POST /v1/customers/{id}.
func Endpoints() []string {
	var patterns []string
	for pattern := range endpoints {
		patterns = append(patterns, pattern)
	}
	return patterns
}

// route hangs everything up: the API, the hosted pages, the control API.
func (s *Server) route() {
	for pattern, do := range endpoints {
		s.mux.HandleFunc(pattern, s.serve(pattern, do))
	}
	s.mux.HandleFunc("/v1/", s.serve("", nil))
	for pattern, show := range map[string]http.HandlerFunc{
		"GET /{$}":             s.rootPage,
		"POST /{$}":            s.rootForm,
		"GET /style.css":       stylesheet,
		"GET /c/pay/{id}":      s.checkoutPage,
		"POST /c/pay/{id}":     s.checkoutForm,
		"GET /3ds/{id}":        s.securePage,
		"POST /3ds/{id}":       s.secureForm,
		"GET /i/{id}":          s.invoicePage,
		"POST /i/{id}":         s.invoiceForm,
		"GET /i/{id}/pdf":      s.invoicePDF,
		"GET /receipts/{id}":   s.receiptPage,
		"GET /p/session/{id}":  s.portalPage,
		"POST /p/session/{id}": s.portalForm,
		"GET /connect/{id}":    s.connectPage,
		"POST /connect/{id}":   s.connectForm,
		"/":                    s.lostPage,
	} {
		s.mux.HandleFunc(pattern, show)
	}
	s.routeControl()
}
