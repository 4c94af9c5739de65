import random, torch
random.seed(0); torch.manual_seed(0)
w = torch.zeros(2, 5, requires_grad=True)
def feats(p): v = torch.zeros(5); v[p] = 1.0; return v
def q(p): return w @ feats(p)
opt = torch.optim.SGD([w], lr=0.1)
for ep in range(60):
    p = 2; a = random.randrange(2)
    while True:
        p2 = p + (1 if a else -1); done = p2 in (-1, 5); r = float(p2 == 5)
        a2 = random.randrange(2) if random.random() < 0.2 or done else int(q(p2).argmax())
        target = r + (0 if done else 0.9 * q(p2)[a2].detach())
        loss = (q(p)[a] - target) ** 2; opt.zero_grad(); loss.backward(); opt.step()
        if done: break
        p, a = p2, a2
