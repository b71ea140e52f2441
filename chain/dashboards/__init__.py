"""Grafana dashboards as code: five boards, written as JSON that Grafana 10.1 and newer takes."""
