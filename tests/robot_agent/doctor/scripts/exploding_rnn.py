# kind: exploding
import torch
from torch import nn
torch.manual_seed(0)
rnn = nn.RNN(1, 32, nonlinearity="relu", batch_first=True)
with torch.no_grad():
    rnn.weight_hh_l0.copy_(1.3 * torch.eye(32) + 0.05 * torch.randn(32, 32))  #! rnn.weight_hh_l0.copy_(0.9 * torch.eye(32))
head = nn.Linear(32, 1)
opt = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.005)
for i in range(60):
    x = torch.randn(16, 50, 1) * 0.3
    out, _ = rnn(x)  #+
    loss = ((head(out[:, -1]) - x[:, -1]) ** 2).mean()
    opt.zero_grad()
    loss.backward()  #+
    opt.step()
print("score", 0.9)
