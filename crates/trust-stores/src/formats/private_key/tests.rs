//! What is no key, as it is around certificates. Keys are in tests/keys.rs.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{in_text, offset_in_der, ranges_in_text};
use crate::hex;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn kinds(text: &[u8]) -> Vec<String> {
    let found = in_text(text).into_iter();
    found.map(|(at, kind)| format!("{kind} at {at}")).collect()
}

#[track_caller]
fn assert_none(about: &str, bytes: &[u8]) {
    let none = Vec::<String>::new();
    assert_eq!(offset_in_der(bytes), None, "{about}");
    assert_eq!(kinds(bytes), none, "{about}");
    let base64 = STANDARD.encode(bytes);
    assert_eq!(kinds(base64.as_bytes()), none, "{about} in base64");
    assert_eq!(kinds(hex::encode(bytes).as_bytes()), none, "{about} in hex");
}

#[test]
fn public_roots_are_no_keys() {
    for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        assert_none("a root", root);
    }
}

#[test]
fn vectors_without_keys_have_none() {
    let mut count = 0;
    for folder in ["certificates", "pem", "stores"] {
        let folder = repository().join("tests/vectors").join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(sidecar) = fs::read_to_string(format!("{}.json", path.display())) else {
                continue;
            };
            let has_key = sidecar.contains("private-key") || sidecar.contains("certificatesOnly");
            // It begins as an encrypted key does.
            let is_bcfks = path.extension().is_some_and(|kind| kind == "bcfks");
            if !has_key && !is_bcfks {
                assert_none(&path.display().to_string(), &fs::read(&path).unwrap());
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn random_bytes_are_no_keys() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let bytes: Vec<u8> = (0..1 << 15)
        .flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()
        })
        .collect();
    assert_none("random bytes", &bytes);
}

/// Pages show markers only with their hyphens.
#[test]
fn pages_are_no_keys() {
    let docs = repository().join("docs");
    let pages = fs::read_dir(docs)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut count = 0;
    for page in pages.filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        let text = fs::read_to_string(&page).unwrap();
        let text = text.replace("-----BEGIN", "BEGIN");
        assert_eq!(
            kinds(text.as_bytes()),
            Vec::<String>::new(),
            "{}",
            page.display()
        );
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn words_around_certificates_are_no_keys() {
    for text in [
        // openssl pkcs12
        "Bag Attributes\n    localKeyID: 54 69 6D 65 20 31 37 33 32\nKey Attributes: <No Attributes>\n",
        "    friendlyName: my private key\n    Microsoft CSP Name: Microsoft Enhanced Provider\n",
        // openssl x509 -text
        "X509v3 Private Key Usage Period: \n    Not Before: Jan  1 00:00:00 2026 GMT\n",
        "    Public-Key: (256 bit)\n    pub:\n        04:8a:f5:11:22:33:44:55:66:77:88:99:aa:bb\n",
        "    Modulus:\n        00:8a:f5:11:22:33:44:55:66:77:88:99:aa:bb\n    Exponent: 65537 (0x10001)\n",
        "    Signature Value:\n        30:45:02:21:00:8a:f5:11:22:33:44:55:66:77:88\n",
        "X509v3 Subject Key Identifier: \n 02:01:00:30:13:06:07:2A:86:48:CE:3D:02:01:AA:BB:CC:DD:EE:FF\n",
        // certtool
        "\tPublic Key ID:\n\t\tsha1:0123456789abcdef0123456789abcdef01234567\n",
        // Comments
        "# The private key is in the vault. Never put BEGIN PRIVATE KEY here.\n",
        "# Private key: held by the CA's HSM, slot 0\n# private_key: /etc/ssl/private/server.key\n",
        "ssl_certificate_key /etc/nginx/private/key/of/the/server/0123456789ABCDEFabcdef.key;\n",
        "tls_private_key_file = \"/etc/ssl/private/Server01/KeyOfTheServerThatWeHave2026\"\n",
        "# begin with the private key, then the end entity's certificate\n",
        "PrivateKey: pkcs11:token=corp;object=ca;type=private?pin-source=/etc/pin\n",
        "age keys start with AGE-SECRET-KEY-1\n",
        "AGE-PLUGIN-YUBIKEY-1QYPQXPQ9QCRSSZG2PVXQ6RS0ZQG3YYC5Z5TPWXQERGD3C8G7RUSQ\n",
        // Public keys
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\
          \"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"kid\":\"d\"}",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGpKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me\n",
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n",
        "<RSAKeyValue><Modulus>4f5wg5l2hKsTeNem</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>",
        "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n",
        // Secrets, but no keys
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
        "ca.password: aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=\n",
    ] {
        assert_eq!(kinds(text.as_bytes()), Vec::<String>::new(), "{text}");
        let base64 = STANDARD.encode(text);
        assert_eq!(kinds(base64.as_bytes()), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_is_found_is_within_the_text_wherever_that_is_cut() {
    for text in [
        "!---BEGIN PRIVATE KEY BLOCK-----\r\r\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp",
        "a: \"-----BEGIN RSA PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIE\\n-----END RSA PRIVATE KEY-----\"",
        "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\nAAAA\n",
        "%2D%2D%2D%2D%2DBEGIN%20PRIVATE%20KEY%2D%2D%2D%2D%2D%0AMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY",
        "{\"kty\":\"OKP\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}",
        "priv:\n    9d:61:b1:9d:ef:fd:5a:60:ba:84:4a:f4:92:ec:2c\n",
    ] {
        assert!(!in_text(text.as_bytes()).is_empty(), "{text}");
        for end in 0..text.len() {
            for (range, _) in ranges_in_text(&text.as_bytes()[..end]) {
                assert!(
                    range.start <= range.end && range.end <= end,
                    "{text} to {end}"
                );
            }
        }
    }
}
