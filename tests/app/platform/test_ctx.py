import re
from signin import sign_in
from company_pages import browser, press
from forms import post
import importlib.util,sys
spec=importlib.util.spec_from_file_location("tl","/work/wt/lang/tests/app/platform/test_languages.py"); m=importlib.util.module_from_spec(spec); spec.loader.exec_module(m)
class S(m.Spoken):
    def handle_data(self,d):
        if self.open[-1] and set(re.findall(r"[a-z]+",d.lower())) & m.ENGLISH_WORDS: print("CTX",d.strip()[:200])
def look(name,page):
    print("PAGE",name,page.status_code)
    s=S("de"); s.feed(page.get_data(as_text=True))
    for x in re.findall(r'<span lang="en">(.*?)</span>',page.get_data(as_text=True)): print("EN",x[:150])
def test_gift(client, services, gift, app):
    sign_in(client,services,"ada"); client.set_cookie("mcla-language","de",domain="localhost")
    a,g=gift.accepted.id,gift.given.id
    for p in ("/signatures",f"/signatures/{a}",f"/contributions/{g}",f"/signatures/{a}/end",f"/contributions/{g}/end","/contributions/new","/account"): look(p,client.get(p))
    look("files fault",press(client,"/contributions/new",project="tiny-llm"))
    q=press(client,"/contributions/new",project="tiny-llm",kind="data",files="0a"*32+" 12 a.txt"); look("questions",q)
    page=q.get_data(as_text=True)
    look("questions fault",post(client,"/contributions/questions",page,project="tiny-llm",kind="data",files="0a"*32+" 12 a.txt"))
    r=press(client,"/contributions/new",project="tiny-llm",kind="code",files="0b"*32+" 12 b.py"); print(r.status_code,r.headers.get("Location"))
    look("review",client.get(r.headers["Location"]))
    look("no consent",post(client,r.headers["Location"],client.get(r.headers["Location"]).text))
    e=press(client,f"/contributions/{g}/end",reason="none-given",stage="S1"); look("end review",client.get(e.headers["Location"]))
    look("end fault",press(client,f"/contributions/{g}/end"))
    d=services.contributions.artifact if 0 else None
    dig=re.search(r"[0-9a-f]{64}",client.get(f"/contributions/{g}").text)[0]
    bela=app.test_client(); bela.set_cookie("mcla-language","de",domain="localhost")
    look("stranger",bela.get(f"/contributions/{g}"))
    art=re.findall(r"<code[^>]*>([0-9a-f]{64})</code>",client.get(f"/contributions/{g}").text)
    look("artifact",bela.get(f"/artifacts/sha256:{art[0]}")); look("verify list",press(bela,"/verify",digest=f"{art[0]}\n{'ab'*32}"))
    look("verify bad",press(bela,"/verify",digest="x"))
    look("404",bela.get("/agreements/nope")); look("405",bela.get("/logout"))
    services.staff.add(services.projects.foundation("example"),"demo","104729")
    for p in ("/console","/console/withdrawals","/console/coverage","/console/agreements/new","/console/grants"): look(p,client.get(p))
    look("coverage",press(client,"/console/coverage",project="tiny-llm",who="account",provider="demo",subject="104729"))
    look("coverage fault",press(client,"/console/coverage",project="tiny-llm"))
def test_firm(firm, app, services):
    firm.with_emil()
    for who in ("sig","max","emil"):
        c=browser(app,services,getattr(firm,who)); c.set_cookie("mcla-language","de",domain="localhost")
        for p in ("/companies",f"/companies/{firm.id}",f"/companies/{firm.id}/confirm",f"/companies/{firm.id}/list/new",f"/companies/{firm.id}/managers/new",f"/companies/{firm.id}/release",f"/companies/entries/{firm.entry}/remove"): look(who+" "+p,c.get(p))
    m=browser(app,services,firm.max); m.set_cookie("mcla-language","de",domain="localhost")
    look("entry fault",press(m,f"/companies/{firm.id}/list/new",who="domain",domain="gmail.com",kind="code"))
    r=press(m,f"/companies/{firm.id}/list/new",who="domain",domain="example.com",kind="code",reason="x"); look("change review",m.get(r.headers["Location"]))
    s=browser(app,services,firm.sig); s.set_cookie("mcla-language","de",domain="localhost")
    look("facts",s.get("/sign/mcla-corporate/company")); look("facts fault",press(s,"/sign/mcla-corporate/company"))
