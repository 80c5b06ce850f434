"""Certificates of an authority for the slaves of the tests, and of one that they do not trust."""
import ssl
import subprocess


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(folder):
    for name, ca, subject in (("ca", None, "authority"), ("server", "ca", "IP:127.0.0.1"), ("client", "ca", "DNS:edge"),
                              ("other-name", "ca", "DNS:elsewhere.example"), ("another-ca", None, "another"),
                              ("another-client", "another-ca", "DNS:edge")):
        out = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
               f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", "-subj", f"/CN={name}"]
        if ca:
            out += ["-CA", f"{folder}/{ca}.pem", "-CAkey", f"{folder}/{ca}.key", "-addext", f"subjectAltName={subject}",
                    "-addext", "basicConstraints=critical,CA:FALSE"]
        run("openssl", "req", "-x509", *out)


def tls_context(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    context.load_verify_locations(f"{folder}/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context
