# kind: softmax-twice
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
lin1, lin2 = nn.Linear(8, 32), nn.Linear(32, 5)
opt = torch.optim.Adam([*lin1.parameters(), *lin2.parameters()], lr=0.003)
t = torch.randint(0, 5, (500,))
x = torch.randn(5, 8)[t] * 1.5 + torch.randn(500, 8)
for i in range(60):
    probs = torch.softmax(lin2(torch.relu(lin1(x))), 1)  #! probs = lin2(torch.relu(lin1(x)))
    loss = F.nll_loss(F.log_softmax(probs, 1), t)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", (probs.argmax(1) == t).float().mean().item())
