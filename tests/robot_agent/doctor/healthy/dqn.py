import copy, random
import torch
from torch import nn
torch.manual_seed(0); random.seed(0)
q = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)
memory = []
s = torch.randn(4)
for step in range(300):
    if random.random() < 0.2: a = random.randrange(3)
    else:
        with torch.no_grad(): a = q(s).argmax().item()
    s2 = torch.randn(4); r = float(a == int(s[:3].argmax()))
    memory.append((s, a, r, s2)); s = s2
    if len(memory) < 32: continue
    b = random.sample(memory, 32)
    S, A, R, S2 = torch.stack([x[0] for x in b]), torch.tensor([x[1] for x in b]), torch.tensor([x[2] for x in b]), torch.stack([x[3] for x in b])
    with torch.no_grad():
        y = R + 0.9 * target(S2).max(1)[0]
    qa = q(S).gather(1, A.unsqueeze(1)).squeeze(1)
    loss = nn.functional.smooth_l1_loss(qa, y)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 50 == 0: target.load_state_dict(q.state_dict())
print(loss.item())
