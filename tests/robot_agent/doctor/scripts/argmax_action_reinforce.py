# kind: not-sampled
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0); np.random.seed(0)
policy = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 4))
opt = torch.optim.RMSprop(policy.parameters(), lr=0.005)
def select_action(state):
    probs = F.softmax(policy(state), dim=-1)
    action = int(np.argmax(probs.detach().numpy()))  #! action = int(np.random.choice(4, p=probs.detach().double().numpy() / probs.detach().double().sum().item()))
    return action, torch.log(probs[action])
for episode in range(80):
    lp, rew = [], []
    for t in range(8):
        s = torch.randn(4)
        a, l = select_action(s)
        lp.append(l); rew.append(float(a == int(s.argmax())))
    rew = np.array(rew); rew = rew - rew.mean()
    loss = -sum(l * float(r) for l, r in zip(lp, rew))
    opt.zero_grad(); loss.backward(); opt.step()
