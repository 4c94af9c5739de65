# kind: graph-cut
import torch
import torch.nn.functional as F
torch.manual_seed(3)
hidden = torch.nn.Linear(5, 24)
readout = torch.nn.Linear(24, 1)
optimizer = torch.optim.SGD([*hidden.parameters(), *readout.parameters()], lr=0.05, momentum=0.9)
x = torch.randn(256, 5)
y = torch.sin(x[:, :1] * 2)
for i in range(300):
    features = torch.tanh(hidden(x)).data  #! features = torch.tanh(hidden(x))
    loss = F.mse_loss(readout(features), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("score", 1 - loss.item() / y.var().item())
