import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.BERSequence;
import org.bouncycastle.asn1.BERSet;
import org.bouncycastle.asn1.BERTaggedObject;
import org.bouncycastle.asn1.DERBitString;

/**
 * Writes certificates as Java programs do, to standard output.
 *
 * `ber CERTIFICATE KEY`: the certificate signed anew in BER, by BouncyCastle. `path CERTIFICATE...`: a
 * certification path in Java's encoding "PkiPath", the end first.
 */
public final class WriteCertificates {
    public static void main(String[] args) throws Exception {
        System.out.write(args[0].equals("ber") ? ber(Path.of(args[1]), Path.of(args[2])) : path(args));
        System.out.flush();
    }

    private static byte[] ber(Path certificate, Path key) throws Exception {
        ASN1Sequence der = ASN1Sequence.getInstance(Files.readAllBytes(certificate));
        ASN1Encodable signed = ber(der.getObjectAt(0).toASN1Primitive());
        PrivateKey own = KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(key)));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(own);
        signature.update(signed.toASN1Primitive().getEncoded(ASN1Encoding.BER));
        ASN1EncodableVector fields = new ASN1EncodableVector();
        fields.add(signed);
        fields.add(ber(der.getObjectAt(1).toASN1Primitive()));
        fields.add(new DERBitString(signature.sign()));
        return new BERSequence(fields).getEncoded(ASN1Encoding.BER);
    }

    /** The same values, everything constructed with an indefinite length. */
    private static ASN1Encodable ber(ASN1Primitive value) {
        ASN1EncodableVector children = new ASN1EncodableVector();
        if (value instanceof ASN1Sequence) {
            for (ASN1Encodable child : (ASN1Sequence) value) {
                children.add(ber(child.toASN1Primitive()));
            }
            return new BERSequence(children);
        }
        if (value instanceof ASN1Set) {
            for (ASN1Encodable child : (ASN1Set) value) {
                children.add(ber(child.toASN1Primitive()));
            }
            return new BERSet(children);
        }
        if (value instanceof ASN1TaggedObject) {
            ASN1TaggedObject tagged = (ASN1TaggedObject) value;
            ASN1Encodable content = ber(tagged.getBaseObject().toASN1Primitive());
            return new BERTaggedObject(tagged.isExplicit(), tagged.getTagNo(), content);
        }
        return value;
    }

    private static byte[] path(String[] args) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> chain = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(Path.of(args[i])))) {
                chain.add(factory.generateCertificate(in));
            }
        }
        return factory.generateCertPath(chain).getEncoded("PkiPath");
    }
}
