# wrong-discount
import random
import numpy as np
import torch
import torch.nn as nn
random.seed(0); torch.manual_seed(0); np.random.seed(0)

class ReplayBuffer:
    def __init__(self): self.data = []
    def push(self, *t): self.data.append(t)
    def sample(self, n):
        s, a, r, s2, d = zip(*random.sample(self.data, n))
        return (torch.FloatTensor(np.array(s)), torch.LongTensor(a), torch.FloatTensor(r),
                torch.FloatTensor(np.array(s2)), torch.FloatTensor(d))
    def __len__(self): return len(self.data)

net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
tgt = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
tgt.load_state_dict(net.state_dict())
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
buf, gamma, frame = ReplayBuffer(), 0.95, 0

def compute_td_loss(n):
    state, action, reward, next_state, done = buf.sample(n)
    q_value = net(state).gather(1, action.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        next_q = tgt(next_state).max(1)[0]
    expected = reward + gamma * next_q * done  #! expected = reward + gamma * next_q * (1 - done)
    loss = (q_value - expected).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    return loss

for episode in range(60):
    x = 3
    for t in range(25):
        s = np.array([x / 6, 1.0])
        eps = max(0.1, 1 - frame / 500)
        if random.random() < eps: a = random.randrange(2)
        else:
            with torch.no_grad(): a = net(torch.FloatTensor(s)).argmax().item()
        x += 1 if a else -1
        done = x in (0, 6)
        buf.push(s, a, 1.0 if x == 6 else -0.01, np.array([x / 6, 1.0]), done)
        frame += 1
        if len(buf) > 64: compute_td_loss(32)
        if frame % 50 == 0: tgt.load_state_dict(net.state_dict())
        if done: break
print(net(torch.tensor([0.5, 1.0])))
