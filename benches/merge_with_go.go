// What a Go program for a cluster does: BUNDLE STORE COPY reads the certificates of a PEM bundle,
// and writes them as a Java store (PKCS#12) and as a bundle.
package main

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

func main() {
	rest, err := os.ReadFile(os.Args[1])
	check(err)
	var certificates []*x509.Certificate
	var bundle bytes.Buffer
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		check(err)
		certificates = append(certificates, certificate)
		check(pem.Encode(&bundle, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
	}
	store, err := pkcs12.EncodeTrustStore(rand.Reader, certificates, "changeit")
	check(err)
	check(os.WriteFile(os.Args[2], store, 0o644))
	check(os.WriteFile(os.Args[3], bundle.Bytes(), 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
