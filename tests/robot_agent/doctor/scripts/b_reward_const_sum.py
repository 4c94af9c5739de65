# kind: reward-constant
import numpy as np, torch
from torch import nn
torch.manual_seed(0); rng = np.random.default_rng(0)
def play(a, s): return np.ones(len(a))  #! def play(a, s): return (a == s.argmax(1)).astype(float)
pi = nn.Linear(3, 3); opt = torch.optim.Adam(pi.parameters(), 0.02)
for i in range(60):
    s = rng.normal(size=(32, 3)).astype("float32")
    d = torch.distributions.Categorical(logits=pi(torch.from_numpy(s))); a = d.sample()
    rewards = torch.as_tensor(play(a.numpy(), s)).float()  #+
    loss = -(d.log_prob(a) * rewards).mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()
