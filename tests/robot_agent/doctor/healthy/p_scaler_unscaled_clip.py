import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Linear(40, 1)); gain = nn.Parameter(torch.ones(2)); scaler = torch.amp.GradScaler("cpu")
opt = torch.optim.SGD([*net.parameters(), gain], lr=0.05, momentum=0.9); x = torch.randn(600, 6); y = x[:, :1].abs() + x[:, 1:2] + 0.5 * torch.randn(600, 1)
for e in range(12):
    for i in torch.randperm(600).split(60):
        with torch.autocast("cpu", dtype=torch.bfloat16): out = net(x[i])
        parts = torch.stack([nn.functional.mse_loss(out.float(), y[i]), nn.functional.l1_loss(out.float(), y[i])])
        loss = (gain ** 2 * parts).sum() - 2 * gain.abs().log().sum()
        opt.zero_grad(); scaler.scale(loss).backward(); scaler.unscale_(opt); nn.utils.clip_grad_norm_(net.parameters(), 0.3); scaler.step(opt); scaler.update()
print(loss.item(), gain.tolist())
